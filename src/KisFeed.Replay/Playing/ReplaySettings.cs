using KisFeed.Capture;

namespace KisFeed.Replay;

/// <summary>What is replayed, and how: for all connections, or for one.</summary>
internal sealed record ReplaySettings
{
    /// <summary>How many times as fast as it was; infinite for as fast as the slowest client.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Where it begins; <see langword="null"/> for the beginning of the capture.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Where it ends; <see langword="null"/> for the end of the capture.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>Whether it begins again at the end.</summary>
    public bool Loop { get; init; }

    /// <summary>With how many registrations it begins; <see langword="null"/> for as soon as none has come for a while.</summary>
    public int? Wait { get; init; }
}
