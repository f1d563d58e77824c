using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace KisFeed.Gateway.Web.Metrics;

/// <summary>
/// Creates and tracks the meters of one gateway, because other gateways and clients in the process have meters of the same name.
/// </summary>
internal sealed class MeterSet
{
    private readonly ConcurrentDictionary<Meter, bool> _meters = new();

    public bool Contains(Meter meter) => _meters.ContainsKey(meter);

    /// <summary>Returns the gateway's options with factories whose meters are tracked here.</summary>
    public GatewayOptions Observe(GatewayOptions options) => options with
    {
        MeterFactory = Track(options.MeterFactory),
        Recording = options.Recording is { } recording ? recording with { MeterFactory = Track(recording.MeterFactory) } : null,
    };

    /// <summary>Returns a factory whose meters are tracked here.</summary>
    /// <param name="inner">Creates the meters; <see langword="null"/> to create them directly.</param>
    public IMeterFactory Track(IMeterFactory? inner) => new Factory(this, inner);

    // The inner factory, if there is one, owns what it creates.
    private sealed class Factory(MeterSet set, IMeterFactory? inner) : IMeterFactory
    {
        public Meter Create(MeterOptions options)
        {
            var meter = inner?.Create(options) ?? new Meter(options);
            set._meters.TryAdd(meter, value: true);
            return meter;
        }

        public void Dispose()
        {
            // The meters are disposed by their owners.
        }
    }
}
