using System.Diagnostics.Metrics;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks whether the service sends heartbeats. It seems to do so only on idle sessions, so their absence proves little.</summary>
internal sealed class HeartbeatCheck() : Check("heartbeat", isRequired: false)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([Check(context)]);

    private Finding Check(DoctorContext context)
    {
        if (context.Heartbeats.Read() is > 0 and var count)
            return Ok($"{count} received and answered");
        if (context.Subscription is null)
            return Skipped("nothing is subscribed to");
        return Note(context.First is null
            ? "none received, which proves nothing: intervals of 5 to 110 seconds are reported"
            : "not awaited, because data was received: the service sends heartbeats on idle sessions");
    }
}

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
