using System.Diagnostics.Metrics;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Counts the heartbeats of the client that uses it as its meter factory.</summary>
internal sealed class HeartbeatCounter : IMeterFactory
{
    private const string Instrument = "kisfeed.heartbeats";

    private readonly MeterListener _listener = new();
    private Meter? _meter;
    private long _count;

    public HeartbeatCounter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter && instrument.Name == Instrument)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _count += value);
        _listener.Start();
    }

    /// <summary>Returns the number of heartbeats received and answered so far.</summary>
    public long Read()
    {
        _count = 0;
        _listener.RecordObservableInstruments();
        return _count;
    }

    public Meter Create(MeterOptions options) => _meter = new Meter(options);

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }
}
