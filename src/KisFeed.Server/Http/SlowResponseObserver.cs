using System.Diagnostics.Metrics;

namespace KisFeed.Server;

/// <summary>Hears of the connections that Kestrel breaks off because an answer was not read. It tells of them in its metrics alone.</summary>
internal static class SlowResponseObserver
{
    private const string Instrument = "kestrel.connection.duration";
    private const string ErrorTag = "error.type";
    private const string Error = "min_response_data_rate";

    /// <summary>Listens until the result is disposed.</summary>
    /// <param name="meters">What the server makes its meters with.</param>
    /// <param name="onUnread">Told of each.</param>
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
