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
