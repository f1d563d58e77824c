namespace KisFeed.Capture;

/// <summary>What a day's manifest says of one file.</summary>
internal sealed record ManifestEntry
{
    public required string File { get; init; }

    public required string Feed { get; init; }

    /// <summary>The keys that were registered; not those of order notices, which are HTS IDs.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    public DateTimeOffset? First { get; init; }

    public DateTimeOffset? Last { get; init; }

    public long Frames { get; init; }

    public long Bytes { get; init; }

    /// <summary>The checksum of the file, in hexadecimal; <see langword="null"/> while it is being written.</summary>
    public string? Sha256 { get; init; }
}
