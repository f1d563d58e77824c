namespace KisFeed.Capture.Inspection;

/// <summary>
/// Reports the content of a capture and checks it: reads everything, checks each block, compares each closed file with its manifest,
/// and finds missing files in folders.
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
    public static async Task<CaptureReport> RunAsync(
        CaptureReader reader,
        IReadOnlyList<string>? keys = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
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
