using System.Diagnostics.Metrics;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Whether the service sends heartbeats. It seems to do so on quiet sessions only, so that their absence tells little.</summary>
internal sealed class HeartbeatCheck : ICheck
{
    public string Name => "heartbeat";

    public bool IsNeeded => false;

    public Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([Look(context)]);

    private Finding Look(DoctorContext context)
    {
        if (context.Heartbeats.Read() is > 0 and var count)
            return new Finding(Name, FindingStatus.Ok, $"{(count == 1 ? "1 came and was" : $"{count} came and were")} answered");
        if (context.Subscription is null)
            return new Finding(Name, FindingStatus.Skipped, "nothing is subscribed to");
        return new Finding(Name, FindingStatus.Note, context.First is null
            ? "none came, which says nothing: they are reported to be 5 to 110 seconds apart"
            : "none was waited for, because data came: the service sends them on quiet sessions");
    }
}

/// <summary>Counts the heartbeats of the one client that it makes a meter for.</summary>
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

    /// <summary>Heartbeats received and answered until now.</summary>
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
