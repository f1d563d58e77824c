using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>The past that the gateway has recorded. Thread-safe.</summary>
internal sealed class HistorySource(
    CaptureRecorder recorder, CaptureRecorderOptions options, FeedCatalog catalog, TimeProvider time, ICaptureArchive? archive = null)
    : IDisposable
{
    /// <summary>How long a disk that does not answer is waited for.</summary>
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(10);

    private const int MaxItemsPerTurn = 1_024;

    private readonly HistoryThreads _threads = new();

    public FeedCatalog Catalog => catalog;

    public TimeProvider Time => time;

    public bool Has(FeedSchema feed) => !feed.IsNotice || options.Notices;

    /// <summary>Writes everything received so far to files.</summary>
    /// <returns>How far they reach; <see langword="null"/> if that cannot be done now, because the disk cannot be written to.</returns>
    public async Task<WrittenPast?> FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            var flushed = await recorder.FlushAsync(cancellationToken)
                .WaitAsync(s_flushTimeout, time, cancellationToken).ConfigureAwait(false);
            return (flushed ?? (recorder.Status is { HasEnded: true, Lost: 0 } ? time.GetUtcNow() : null)) is { } lastAt
                ? new WrittenPast(lastAt)
                : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Processes an item of a recording. Returns its part of the bytes that a turn may have.</summary>
    public delegate int Processor(in CaptureItem item);

    /// <summary>
    /// Reads the recorded items of some feeds, in turns, which are short: items of other keys are read too. The caller gets each turn's end
    /// within the turn, and the end on the thread pool.
    /// </summary>
    /// <returns>The bytes of each turn.</returns>
    /// <exception cref="CaptureArchiveException">The archive is needed, and cannot be read now.</exception>
    public async IAsyncEnumerable<int> ReadAsync(
        DateTimeOffset from, DateTimeOffset until, CaptureReaderOptions reading, Processor process, int maxBytes,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _threads.TurnAsync();
        var reader = await OpenAsync(from, until, reading, cancellationToken).ConfigureAwait(false);
        var items = reader.ReadItemsAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var disposal = items.ConfigureAwait(false);
        for (var isDone = false; !isDone;)
        {
            await _threads.TurnAsync();
            var bytes = 0;
            for (var i = 0; i < MaxItemsPerTurn && bytes < maxBytes && !isDone; i++)
            {
                var next = items.MoveNextAsync();
                var hasToWait = !next.IsCompleted;
                isDone = !await next.ConfigureAwait(false);
                if (hasToWait)
                    await _threads.TurnAsync(); // The rest is another turn.
                if (!isDone)
                    bytes += process(items.Current);
            }

            yield return bytes;
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    /// <summary>Checks that the past of some feeds can be read from a time on.</summary>
    /// <exception cref="CaptureArchiveException">The archive is needed, and cannot be read now.</exception>
    public Task CheckAsync(IReadOnlyCollection<string> trIds, DateTimeOffset from, CancellationToken cancellationToken) =>
        ArchivedAsync(trIds, from, from, [], cancellationToken);

    // The files in the folder, and, for feeds of which the folder does not reach back, those in the archive that the folder does not have.
    private async Task<CaptureReader> OpenAsync(
        DateTimeOffset from, DateTimeOffset until, CaptureReaderOptions reading, CancellationToken cancellationToken)
    {
        var trIds = reading.TrIds!;
        for (var attempt = 1; ; attempt++)
        {
            var files = FilesOf(trIds, from, until).ToList();
            var archived = await ArchivedAsync(trIds, from, until, files, cancellationToken).ConfigureAwait(false);
            try
            {
                return CaptureReader.Open(files, archive, archived, reading, cancellationToken);
            }
            catch (CaptureException) when (attempt < 3)
            {
                // A file was deleted because it is beyond the limits of retention.
            }
        }
    }

    private async Task<IEnumerable<ArchivedFile>> ArchivedAsync(
        IReadOnlyCollection<string> trIds, DateTimeOffset from, DateTimeOffset until, List<string> files,
        CancellationToken cancellationToken)
    {
        if (archive is null)
            return [];
        var missing = trIds.Where(trId => !ReachesBack(trId, from)).ToList();
        if (missing.Count == 0)
            return [];
        var names = files.Select(path => $"{Path.GetFileName(Path.GetDirectoryName(path))}/{Path.GetFileName(path)}")
            .ToHashSet(StringComparer.Ordinal);
        var found = await archive.FindAsync(missing, CaptureDays.Of(from), CaptureDays.Of(until), cancellationToken).ConfigureAwait(false);
        return found.Where(file => !names.Contains(file.Name) && !(file.FirstAt >= until));
    }

    // Files are deleted from the oldest on, so one that begins at the time or before is followed by all later ones.
    private bool ReachesBack(string trId, DateTimeOffset from)
    {
        var day = CaptureDays.Of(from);
        return Directory.Exists(options.Writer.Directory)
            && DatedFile.In(options.Writer.Directory, folder => folder <= day).Any(file => file.Feed == trId && BeginsBy(file, from));
    }

    // Its name has whole seconds; within the second only its first line tells.
    private static bool BeginsBy(DatedFile file, DateTimeOffset time)
    {
        var second = new DateTimeOffset(
            file.Day,
            TimeOnly.TryParseExact(file.Begin, "HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var begin)
                ? begin
                : TimeOnly.MaxValue,
            KoreaTime.Offset);
        return second <= time && (second.AddSeconds(1) <= time || FileProbe.Read(file.Path).FirstAt <= time);
    }

    private IEnumerable<string> FilesOf(IReadOnlyCollection<string> trIds, DateTimeOffset from, DateTimeOffset until)
    {
        var (first, last) = (CaptureDays.Of(from), CaptureDays.Of(until));
        return Directory.Exists(options.Writer.Directory)
            ? DatedFile.In(options.Writer.Directory, day => day >= first && day <= last)
                .Where(file => trIds.Contains(file.Feed, StringComparer.Ordinal))
                .Select(file => file.Path)
            : [];
    }

    /// <summary>The days in Korea of which something is in the folder, earliest first.</summary>
    public IReadOnlyList<DateOnly> Days() => Directory.Exists(options.Writer.Directory)
        ? [.. CaptureDays.FoldersIn(options.Writer.Directory).Where(day => day.Folder.EnumerateFiles($"*{DatedFile.Extension}").Any())
            .Select(day => day.Day)]
        : [];

    /// <summary>The days in Korea of which something is in the archive.</summary>
    /// <exception cref="CaptureArchiveException">The archive cannot be read now.</exception>
    public async Task<IReadOnlyList<DateOnly>> ArchivedDaysAsync(CancellationToken cancellationToken) =>
        archive is null ? [] : await archive.DaysAsync(cancellationToken).ConfigureAwait(false);

    public void Dispose() => _threads.Dispose();
}

/// <summary>How far the files of a recording reach after a flush.</summary>
/// <param name="Complete">The time of the last line. Nothing more is written before it, but a later line may have the same time.</param>
internal readonly record struct WrittenPast(DateTimeOffset Complete)
{
    /// <summary>
    /// The time before which everything is that is in the files now. A reader that continues where it ended
    /// continues at <see cref="Complete"/>.
    /// </summary>
    public DateTimeOffset End => Complete < DateTimeOffset.MaxValue ? Complete.AddTicks(1) : Complete;
}
