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
