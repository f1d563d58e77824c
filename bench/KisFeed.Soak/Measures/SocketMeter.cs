using System.Diagnostics.Tracing;
using System.Globalization;

namespace KisFeed.Soak.Measures;

/// <summary>Bytes received by the process, from the runtime's event counter, which is updated every second.</summary>
internal sealed class SocketMeter : EventListener
{
    private const string Source = "System.Net.Sockets";
    private const string Counter = "bytes-received";

    private double _bytes;

    public long BytesReceived => (long)Volatile.Read(ref _bytes);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
        {
            EnableEvents(
                eventSource,
                EventLevel.LogAlways,
                EventKeywords.None,
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["EventCounterIntervalSec"] = "1" });
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is { EventName: "EventCounters", Payload: [IDictionary<string, object> counter, ..] }
            && Counter.Equals(counter["Name"]))
        {
            Volatile.Write(ref _bytes, Convert.ToDouble(counter["Mean"], CultureInfo.InvariantCulture));
        }
    }
}
