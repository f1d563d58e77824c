using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Dispatching;

/// <summary>Counters over all streams. Thread-safe.</summary>
internal sealed class StreamCounters
{
    public Counter Open { get; } = new();

    public Counter Opened { get; } = new();

    public Counter Sent { get; } = new();

    /// <summary>Records dropped for slow streams. Each is counted in a gap of its stream.</summary>
    public Counter Dropped { get; } = new();

    public Counter SlowCloses { get; } = new();

    /// <summary>Streams ended because their clients sent too many control frames or fragments, or an unfinished message.</summary>
    public Counter Floods { get; } = new();

    public Counter KeysLost { get; } = new();

    /// <summary>Streams with keys that resumed an earlier stream without a loss.</summary>
    public Counter Resumed { get; } = new();

    /// <summary>Streams with keys that resumed an earlier stream with a gap.</summary>
    public Counter ResumedInPart { get; } = new();
}
