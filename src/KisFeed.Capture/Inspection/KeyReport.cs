namespace KisFeed.Capture;

/// <summary>What a capture holds of one key.</summary>
public sealed record KeyReport
{
    /// <summary>The key. Of order notices it is an HTS ID.</summary>
    public required string Key { get; init; }

    /// <summary>Records that can be read.</summary>
    public long Records { get; init; }

    /// <summary>When the first was received.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>When the last was received.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>How often data of it are missing.</summary>
    public long Gaps { get; init; }

    /// <summary>The volume that passed in those gaps of which it can be told; <see langword="null"/> where there is none of that kind.</summary>
    public long? MissedVolume { get; init; }
}
