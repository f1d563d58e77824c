using System.Diagnostics.Metrics;

namespace KisFeed.Testing;

/// <summary>Makes a meter and remembers it, so that a listener can tell its instruments from those of other tests.</summary>
internal sealed class OneMeterFactory : IMeterFactory
{
    public Meter? Meter { get; private set; }

    public Meter Create(MeterOptions options)
    {
        options.Name.ShouldBe(KisFeedDiagnostics.MeterName);
        options.Version.ShouldBe(KisFeedDiagnostics.Version);

        // Before its instruments are published, so that the listener knows it.
        return Meter = new Meter(options);
    }

    public void Dispose() => Meter?.Dispose();
}
