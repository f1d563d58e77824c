using System.Diagnostics.Metrics;

namespace KisFeed.TestSupport;

/// <summary>Creates one meter and keeps it, so that a listener can distinguish its instruments from those of other tests.</summary>
internal sealed class OneMeterFactory : IMeterFactory
{
    public Meter? Meter { get; private set; }

    public Meter Create(MeterOptions options)
    {
        options.Name.ShouldBe(KisFeedDiagnostics.MeterName);
        options.Version.ShouldBe(KisFeedDiagnostics.Version);

        // Set before instruments are published, so that the listener knows the meter.
        return Meter = new Meter(options);
    }

    public void Dispose() => Meter?.Dispose();
}
