using KisFeed.Capture;
using KisFeed.Wire;

namespace KisFeed.Replay;

/// <summary>What replays of one capture have in common.</summary>
internal sealed record ReplaySource
{
    /// <summary>By what frames are taken apart.</summary>
    public required FeedCatalog Catalog { get; init; }

    /// <summary>Reads the capture from its beginning, between two times.</summary>
    public required Func<CaptureTime?, CaptureTime?, CancellationToken, IAsyncEnumerable<ReplayFrame>> ReadAsync { get; init; }

    /// <summary>Whose its order notices are.</summary>
    public required NoticeOwners Owners { get; init; }

    /// <summary>Counts over all replays of it.</summary>
    public required ReplayCounters Counters { get; init; }
}
