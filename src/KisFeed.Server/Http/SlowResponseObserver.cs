using System.Diagnostics.Metrics;

namespace KisFeed.Server.Http;

/// <summary>
/// Observes the connections that Kestrel aborts because a response was not read. Kestrel reports them in its metrics only.
/// </summary>
internal static class SlowResponseObserver
{
    private const string Instrument = "kestrel.connection.duration";
    private const string ErrorTag = "error.type";
    private const string Error = "min_response_data_rate";

    /// <summary>Listens until the result is disposed.</summary>
    public static IDisposable Observe(IMeterFactory meters, Action onUnread)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == Instrument && ReferenceEquals(instrument.Meter.Scope, meters))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == ErrorTag && tag.Value is Error)
                    onUnread();
            }
        });
        listener.Start();
        return listener;
    }
}
