using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace KisFeed.Gateway;

/// <summary>Creates the meters of one gateway and remembers them, since other gateways and clients of the process have meters of the same name.</summary>
internal sealed class MeterSet
{
    private readonly ConcurrentDictionary<Meter, bool> _meters = new();

    /// <summary>Whether a meter belongs to this gateway.</summary>
    public bool Contains(Meter meter) => _meters.ContainsKey(meter);

    /// <summary>The gateway's options with factories whose meters are remembered here.</summary>
    public GatewayOptions Observe(GatewayOptions options) => options with
    {
        MeterFactory = new Factory(this, options.MeterFactory),
        Upstream = options.Upstream with { MeterFactory = new Factory(this, options.Upstream.MeterFactory) },
        Recording = options.Recording is { } recording ? recording with { MeterFactory = new Factory(this, recording.MeterFactory) } : null,
    };

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
            // Meters end with what they measure.
        }
    }
}
