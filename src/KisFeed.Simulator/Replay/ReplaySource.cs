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

internal sealed record ReplaySettings
{
    /// <summary>The factor of the original speed; infinite for as fast as the slowest client reads.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>The start; <see langword="null"/> for the beginning of the capture.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>The end; <see langword="null"/> for the end of the capture.</summary>
    public CaptureTime? To { get; init; }

    public bool Loop { get; init; }

    /// <summary>The number of registrations to wait for; <see langword="null"/> to start after a time without new ones.</summary>
    public int? Wait { get; init; }
}
