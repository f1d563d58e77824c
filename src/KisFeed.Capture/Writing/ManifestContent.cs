namespace KisFeed.Capture;

/// <summary>The manifest of a day: what its files hold, so that one need not look into them.</summary>
internal sealed record ManifestContent
{
    public int Version { get; init; } = 1;

    /// <summary>The day in Korea.</summary>
    public required DateOnly Day { get; init; }

    public IReadOnlyList<ManifestEntry> Files { get; init; } = [];
}
