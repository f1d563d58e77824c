using System.Diagnostics.Metrics;

namespace KisFeed.Gateway;

/// <summary>The instruments of a gateway, which read its status when somebody collects.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<GatewayStatus> _status;
    private volatile bool _isOver;

    public GatewayMetrics(IMeterFactory? factory, Func<GatewayStatus> status)
    {
        _status = status;
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = factory?.Create(meter) ?? new Meter(meter);
        Counter("kisfeed.gateway.frames.received", "{frame}", "Frames received from upstream, each once.", static s => s.FramesReceived);
        Counter("kisfeed.gateway.frames.dropped", "{frame}", "Frames lost inside the gateway because it did not keep up with upstream.", static s => s.FramesDropped);
        Counter("kisfeed.gateway.frames.sent", "{frame}", "Frames queued for consumers in the broker's protocol, over all connections.", static s => s.FramesSent);
        Counter("kisfeed.gateway.notices.withheld", "{frame}", "Order notices that nobody got: for none of the HTS IDs registered, or not to be read.", static s => s.NoticesWithheld);
        Counter("kisfeed.gateway.connections.accepted", "{connection}", "Consumers' connections so far.", static s => s.ConnectionsAccepted);
        Counter("kisfeed.gateway.connections.slow", "{connection}", "Connections closed because their clients did not keep up.", static s => s.SlowConsumers);
        Counter("kisfeed.gateway.registrations.lost", "{connection}", "Connections closed because upstream refused late, or took back, what they were registered for.", static s => s.RegistrationsLost);
        Level("kisfeed.gateway.connections", "{connection}", "Consumers' connections that are open.", static s => s.Connections);
        Level("kisfeed.gateway.registrations", "{registration}", "Registrations of consumers that stand, over all connections.", static s => s.ConsumerRegistrations);
        _meter.CreateObservableUpDownCounter("kisfeed.gateway.keys", ReadKeys, "{registration}", "Keys that are registered upstream, or are to be, each once however many want it.");
    }

    // A factory keeps the meter that it has made, and with it the instruments.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private void Counter(string name, string unit, string description, Func<GatewayStatus, long> read) =>
        _meter.CreateObservableCounter(name, () => Read(read), unit, description);

    private void Level(string name, string unit, string description, Func<GatewayStatus, long> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Read(read), unit, description);

    private IEnumerable<Measurement<long>> Read(Func<GatewayStatus, long> read) => _isOver ? [] : [new Measurement<long>(read(_status()))];

    private IEnumerable<Measurement<long>> ReadKeys()
    {
        if (_isOver)
            return [];
        var registrations = _status().Registrations;
        var confirmed = registrations.Count(static r => r.IsRegistered);
        return [Keys(confirmed, "registered"), Keys(registrations.Count - confirmed, "pending")];
    }

    private static Measurement<long> Keys(long count, string state) => new(count, new KeyValuePair<string, object?>("kisfeed.gateway.key.state", state));
}
