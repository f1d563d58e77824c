namespace KisFeed.Capture.Inspection;

/// <summary>
/// Reports the content of a capture and checks it: reads everything, checks each block, compares each closed file with its manifest, and finds missing files
/// in folders.
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
    /// <summary>The maximum number of listed gaps and of listed problems. All are counted.</summary>
    public const int MaxListed = 1000;

    /// <summary>Inspects a capture.</summary>
    /// <param name="reader">The capture.</param>
    /// <param name="keys">The keys to inspect; empty for all.</param>
    /// <param name="progress">Receives from time to time the progress, in bytes of the files.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<CaptureReport> RunAsync(CaptureReader reader, IReadOnlyList<string>? keys = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var sink = new InspectionSink(reader.Options.Catalog, new RecordFilter(reader.Options.TrIds, keys ?? []));
        var check = new IntegrityCheck(sink, progress, reader.Files.Sum(file => file.Length));
        await reader.ReadRecordsAsync(sink, check, pause: null, cancellationToken).ConfigureAwait(false);
        List<FileReport> files = [];
        foreach (var file in reader.Files)
            files.Add(await check.RunAsync(file, cancellationToken).ConfigureAwait(false));
        foreach (var folder in reader.Folders)
            check.FindMissing(folder, reader.Options, cancellationToken);
        return sink.Report(files) with { Skipped = reader.Skipped };
    }
}

/// <summary>The content of a capture and the result of its checks.</summary>
public sealed record CaptureReport
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>What was found, but not read: other names of the same files, and links to folders.</summary>
    public IReadOnlyList<SkippedPath> Skipped { get; init; } = [];

    /// <summary>The feeds, by TR ID.</summary>
    public required IReadOnlyList<FeedReport> Feeds { get; init; }

    /// <summary>The gaps in the order in which they appear; at most <see cref="CaptureInspection.MaxListed"/>.</summary>
    public required IReadOnlyList<GapReport> Gaps { get; init; }

    /// <summary>The number of gaps.</summary>
    public long GapCount { get; init; }

    /// <summary>The number of events, by name.</summary>
    public required IReadOnlyDictionary<string, long> Events { get; init; }

    /// <summary>The problems; at most <see cref="CaptureInspection.MaxListed"/>. They contain nothing of the data.</summary>
    public required IReadOnlyList<CaptureProblem> Problems { get; init; }

    /// <summary>The number of problems.</summary>
    public long ProblemCount { get; init; }

    /// <summary>Unreadable frames and records.</summary>
    public long Malformed { get; init; }

    /// <summary>The selected TR IDs without a record.</summary>
    public IReadOnlyList<string> AbsentFeeds { get; init; } = [];

    /// <summary>The selected keys without a record.</summary>
    public IReadOnlyList<string> AbsentKeys { get; init; } = [];

    /// <summary>Whether there are no problems: everything is readable and unchanged. Gaps, and files that are being written, are not problems.</summary>
    public bool IsSound => ProblemCount == 0 && Malformed == 0;
}

/// <summary>The content of a capture for one feed.</summary>
public sealed record FeedReport
{
    /// <summary>Replaces TR IDs that are not counted separately: missing or too long ones, and unknown ones beyond a limit.</summary>
    public const string NoFeed = "?";

    /// <summary>The TR ID, or <see cref="NoFeed"/>.</summary>
    public required string TrId { get; init; }

    /// <summary>Whether it is a feed of order notices, whose keys are HTS IDs.</summary>
    public bool IsNotice { get; init; }

    /// <summary>Whether the feed is unknown, so that its records cannot be read.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The keys, in order. If there are too many, this is reported as a problem, and the records of the others are counted in <see cref="UnfollowedRecords"/>.</summary>
    public required IReadOnlyList<KeyReport> Keys { get; init; }

    /// <summary>Frames, readable or not; if keys are selected, only frames with their records and unreadable frames.</summary>
    public long Frames { get; init; }

    /// <summary>Readable records.</summary>
    public long Records { get; init; }

    /// <summary>Unreadable frames and records.</summary>
    public long Malformed { get; init; }

    /// <summary>Records of keys that are not in <see cref="Keys"/>, because there are too many.</summary>
    public long UnfollowedRecords { get; init; }

    /// <summary>Frames whose records have more columns than any known layout; a layout file can name them.</summary>
    public long WiderThanKnown { get; init; }

    internal static ReadOnlySpan<byte> NoFeedBytes => "?"u8;

    /// <summary>The receive time of the first frame.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>The receive time of the last frame.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The maximum number of frames received within one second.</summary>
    public long BusiestFrames { get; init; }

    /// <summary>The second with <see cref="BusiestFrames"/>.</summary>
    public DateTimeOffset? BusiestAt { get; init; }

    /// <summary>The number of seconds in which frames were received.</summary>
    public long SecondsWithFrames { get; init; }

    /// <summary>The average number of frames per second, from the first to the last; 0 if they have the same time.</summary>
    public double MeanRate => LastAt > FirstAt ? Frames / (LastAt.Value - FirstAt.Value).TotalSeconds : 0;
}

/// <summary>The content of a capture for one key.</summary>
public sealed record KeyReport
{
    /// <summary>The key. Of order notices it is an HTS ID.</summary>
    public required string Key { get; init; }

    /// <summary>Readable records.</summary>
    public long Records { get; init; }

    /// <summary>The receive time of the first record.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>The receive time of the last record.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The number of gaps.</summary>
    public long Gaps { get; init; }

    /// <summary>The volume missed in gaps with a known volume; <see langword="null"/> if there is no such gap.</summary>
    public long? MissedVolume { get; init; }
}

/// <summary>A gap with its feed and key.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key. Of order notices it is an HTS ID.</param>
/// <param name="Gap">The gap.</param>
public sealed record GapReport(string TrId, string Key, Gap Gap)
{
    /// <summary>The duration; <see langword="null"/> if the gap has no start or no end in the capture.</summary>
    public TimeSpan? Duration => Gap.To - Gap.From;
}

/// <summary>The report of one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Integrity">The integrity.</param>
public sealed record FileReport(CaptureFile File, FileIntegrity Integrity)
{
    /// <summary>Frames read from it.</summary>
    public long Frames { get; init; }

    /// <summary>The time of its last line.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Whether a recorder holds its folder.</summary>
    public bool IsBeingWritten { get; init; }
}

/// <summary>The integrity of a file.</summary>
public enum FileIntegrity
{
    /// <summary>Closed normally, each block intact, and the checksum equal to that of the manifest.</summary>
    Verified,

    /// <summary>Each block is intact; the manifest has no checksum of it, because it is not closed or the manifest is missing.</summary>
    Sound,

    /// <summary>Not in blocks: it could be decompressed and its lines read, but nothing else can be checked.</summary>
    Unchecked,

    /// <summary>It ends in the middle of the last write.</summary>
    TornTail,

    /// <summary>A part of it is damaged or unreadable.</summary>
    Damaged,

    /// <summary>Each block is intact, but it is not the file in the manifest.</summary>
    Changed,
}
