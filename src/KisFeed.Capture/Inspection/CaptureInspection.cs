namespace KisFeed.Capture;

/// <summary>
/// Finds out what a capture holds, and whether it is sound: all of it is read, each block is checked, each closed file is held against its manifest, and of
/// folders that were opened as a whole it is told which files are missing.
/// </summary>
/// <example>
/// <code>
/// var report = await CaptureInspection.RunAsync(CaptureReader.Open("capture/2026-11-20"));
/// foreach (var feed in report.Feeds)
///     Console.WriteLine($"{feed.TrId} {feed.Records} records, {feed.Keys.Sum(key => key.Gaps)} gaps");
/// </code>
/// </example>
public static class CaptureInspection
{
    /// <summary>How many gaps, and how many problems, are listed at most. All are counted.</summary>
    public const int MostListed = 1000;

    /// <summary>Inspects a capture.</summary>
    /// <param name="reader">The capture.</param>
    /// <param name="keys">The keys that are looked at; empty for all.</param>
    /// <param name="progress">Told now and then how far it has come, in bytes of the files.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<CaptureReport> RunAsync(CaptureReader reader, IReadOnlyList<string>? keys = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var sink = new InspectionSink(reader.Options.Catalog, new RecordFilter(reader.Options.TrIds, keys ?? []));
        var check = new IntegrityCheck(sink, progress, reader.Files.Sum(file => file.Length));
        await RecordEnumerator.RunAsync(reader, sink, check, pause: null, cancellationToken).ConfigureAwait(false);
        List<FileReport> files = [];
        foreach (var file in reader.Files)
            files.Add(await check.RunAsync(file, cancellationToken).ConfigureAwait(false));
        foreach (var folder in reader.Folders)
            check.FindMissing(folder, reader.Options);
        return sink.Report(files);
    }
}

/// <summary>What a capture holds, and whether it is sound.</summary>
public sealed record CaptureReport
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>The feeds, by TR ID.</summary>
    public required IReadOnlyList<FeedReport> Feeds { get; init; }

    /// <summary>Where data are missing, in the order in which it shows; at most <see cref="CaptureInspection.MostListed"/>.</summary>
    public required IReadOnlyList<GapReport> Gaps { get; init; }

    /// <summary>How many gaps there are.</summary>
    public long GapCount { get; init; }

    /// <summary>How many events there are of each name.</summary>
    public required IReadOnlyDictionary<string, long> Events { get; init; }

    /// <summary>What is wrong, in words; at most <see cref="CaptureInspection.MostListed"/>. Holds nothing of the content.</summary>
    public required IReadOnlyList<CaptureProblem> Problems { get; init; }

    /// <summary>How many things are wrong.</summary>
    public long ProblemCount { get; init; }

    /// <summary>Frames, and records of frames, that cannot be read.</summary>
    public long Malformed { get; init; }

    /// <summary>The TR IDs that were asked for and of which there is no record.</summary>
    public IReadOnlyList<string> AbsentFeeds { get; init; } = [];

    /// <summary>The keys that were asked for and of which there is no record.</summary>
    public IReadOnlyList<string> AbsentKeys { get; init; } = [];

    /// <summary>Whether nothing is wrong: all can be read, and is as it was written. Gaps are no flaw of a capture, nor is it that a file is still being written.</summary>
    public bool IsSound => ProblemCount == 0 && Malformed == 0;
}

/// <summary>What a capture holds of one feed.</summary>
public sealed record FeedReport
{
    /// <summary>Stands for the TR ID of what does not say one that can be counted by itself: it is none, or too long, or there are too many that nobody knows.</summary>
    public const string NoFeed = "?";

    /// <summary>The TR ID, or <see cref="NoFeed"/>.</summary>
    public required string TrId { get; init; }

    /// <summary>Whether it is a feed of order notices, whose keys are HTS IDs.</summary>
    public bool IsNotice { get; init; }

    /// <summary>Whether nothing is known of it, so that its records cannot be read.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The keys, in order. Where there are too many, a problem says so, and the records of the others are <see cref="UnfollowedRecords"/>.</summary>
    public required IReadOnlyList<KeyReport> Keys { get; init; }

    /// <summary>Frames, readable or not; where keys are asked for, those that have something of them, or cannot be read at all.</summary>
    public long Frames { get; init; }

    /// <summary>Records that can be read.</summary>
    public long Records { get; init; }

    /// <summary>Frames, and records of frames, that cannot be read.</summary>
    public long Malformed { get; init; }

    /// <summary>Records of keys that are not in <see cref="Keys"/>, because there are too many.</summary>
    public long UnfollowedRecords { get; init; }

    /// <summary>Frames whose records have more columns than any layout that is known; a layout file can name them.</summary>
    public long WiderThanKnown { get; init; }

    internal static ReadOnlySpan<byte> NoFeedBytes => "?"u8;

    /// <summary>When the first frame was received.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>When the last frame was received.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The most frames that were received within one second of the clock.</summary>
    public long BusiestFrames { get; init; }

    /// <summary>The second of that.</summary>
    public DateTimeOffset? BusiestAt { get; init; }

    /// <summary>Seconds of the clock in which frames were received at all.</summary>
    public long SecondsWithFrames { get; init; }

    /// <summary>Frames a second on average, from the first to the last; 0 where they have no span.</summary>
    public double MeanRate => LastAt > FirstAt ? Frames / (LastAt.Value - FirstAt.Value).TotalSeconds : 0;
}

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

/// <summary>A gap, and of what.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key. Of order notices it is an HTS ID.</param>
/// <param name="Gap">The gap.</param>
public sealed record GapReport(string TrId, string Key, Gap Gap)
{
    /// <summary>How long it lasts; <see langword="null"/> where it has no beginning or no end in the capture.</summary>
    public TimeSpan? Duration => Gap.To - Gap.From;
}

/// <summary>What was found of one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Integrity">Whether it is as it was written.</param>
public sealed record FileReport(CaptureFile File, FileIntegrity Integrity)
{
    /// <summary>Frames that were read from it.</summary>
    public long Frames { get; init; }

    /// <summary>When its last line was written.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Whether a recorder holds the folder that it is in.</summary>
    public bool IsBeingWritten { get; init; }
}

/// <summary>How far a file is as it was written.</summary>
public enum FileIntegrity
{
    /// <summary>Closed in order, each block sound, and its checksum that of the manifest.</summary>
    Verified,

    /// <summary>Each block is sound; the manifest has no checksum of it, because it is not closed or the manifest is missing.</summary>
    Sound,

    /// <summary>No blocks, so nothing in it can be checked but that it could be unpacked and its lines read.</summary>
    Unchecked,

    /// <summary>It ends in the middle of what was written last.</summary>
    TornTail,

    /// <summary>Part of it is damaged, or cannot be read.</summary>
    Damaged,

    /// <summary>Each block is sound, but it is not the file that the manifest tells of.</summary>
    Changed,
}
