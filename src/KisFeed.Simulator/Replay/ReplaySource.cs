using KisFeed.Capture;
using KisFeed.Wire;

namespace KisFeed.Simulator.Replay;

/// <summary>The capture and the state that all its replays share.</summary>
internal sealed record ReplaySource
{
    public required FeedCatalog Catalog { get; init; }

    /// <summary>Reads the frames of the capture between two times.</summary>
    public required Func<CaptureTime?, CaptureTime?, CancellationToken, IAsyncEnumerable<ReplayFrame>> ReadAsync { get; init; }

    public required NoticeOwners Owners { get; init; }

    public required ReplayCounters Counters { get; init; }
}
