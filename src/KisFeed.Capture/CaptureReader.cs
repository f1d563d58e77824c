using System.Runtime.CompilerServices;
using KisFeed.Capture.Files;
using KisFeed.Capture.Reading;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Reads captures, files and folders of them, as one stream in the order of receipt. Each enumeration starts at the beginning, and one
/// reader supports any number of concurrent enumerations. Only the data being read is in memory.
/// </summary>
/// <example>
/// <code>
/// var capture = CaptureReader.Open("capture/2026-11-20");
/// await foreach (var trade in capture.ReadAsync(IndexTrade.Feed, "0001"))
///     Console.WriteLine($"{trade.Time} {trade.Price}");
/// </code>
/// </example>
public sealed class CaptureReader
{
    private CaptureReader(
        IReadOnlyList<CaptureFile> files, IReadOnlyList<SkippedPath> skipped, IReadOnlyList<string> folders, CaptureReaderOptions options)
    {
        Files = files;
        Skipped = skipped;
        Folders = folders;
        Options = options;
    }

    /// <summary>The files, ordered by the time of their first line.</summary>
    public IReadOnlyList<CaptureFile> Files { get; }

    /// <summary>What was found, but is not read: other names of the same files, and links to folders.</summary>
    public IReadOnlyList<SkippedPath> Skipped { get; }

    internal IReadOnlyList<string> Folders { get; }

    /// <summary>The options.</summary>
    public CaptureReaderOptions Options { get; }

    /// <summary>Opens a file, or all captures in a folder.</summary>
    /// <exception cref="CaptureException">There is no such file or folder, or no capture in the folder.</exception>
    public static CaptureReader Open(string path, CaptureReaderOptions? options = null) => Open([path], options);

    /// <summary>
    /// Opens files, and all <c>*.log.gz</c> and <c>*.log</c> files in folders. A file that is given itself may have any name. A file with
    /// several names is read once, and links to folders are not followed (<see cref="Skipped"/>).
    /// </summary>
    /// <param name="paths">The files and folders.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Cancels the search for files.</param>
    /// <exception cref="CaptureException">There is no such file or folder, or no capture in a folder.</exception>
    public static CaptureReader Open(
        IEnumerable<string> paths, CaptureReaderOptions? options = null, CancellationToken cancellationToken = default) =>
        Open(paths, null, [], options, cancellationToken);

    /// <summary>Opens files, and files of archives.</summary>
    internal static CaptureReader Open(
        IEnumerable<string> paths, ICaptureArchive? archive, IEnumerable<ArchivedFile> archived, CaptureReaderOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= CaptureReaderOptions.Default;
        string[] all = [.. paths];
        var search = new FileSearch();
        List<CaptureFile> found = [];
        foreach (var path in all.SelectMany(path => FilesOf(path, search, cancellationToken)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(FileProbe.Read(path) with { Archive = archive });
        }

        var files = found
            .Concat(archived.Select(file => new CaptureFile(file.Name, CaptureFileFormat.Blocks, file.Length)
            {
                TrId = file.TrId,
                FirstAt = file.FirstAt,
                Archive = archive,
                Archived = file,
            }))
            .OrderBy(file => file.FirstAt ?? DateTimeOffset.MinValue).ThenBy(file => file.Path.Length)
            .ThenBy(file => file.Path, StringComparer.Ordinal);
        return new CaptureReader(
            [.. files.Where(file => MatchesFeed(file, options))],
            search.Skipped,
            [.. all.Where(Directory.Exists).Select(Path.GetFullPath)],
            options);
    }

    /// <summary>Returns a reader of the same files with other options.</summary>
    public CaptureReader With(CaptureReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new CaptureReader([.. Files.Where(file => MatchesFeed(file, options))], Skipped, Folders, options);
    }

    /// <summary>Reads all items in the order of receipt: frames, events and problems at their positions.</summary>
    /// <param name="progress">Receives from time to time the number of bytes read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<CaptureItem> ReadItemsAsync(
        IProgress<long>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var merge = new FileMerge(Files, Options);
        while (await merge.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            progress?.Report(merge.Position);
            do
                yield return merge.Current;
            while (merge.TryMoveNext());
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Reads only the frames, in the order of receipt, as received and not checked. The live equivalent is
    /// <see cref="FrameTap.ReadFramesAsync"/>.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<Frame> ReadFramesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsFrame)
                yield return item.Frame;
        }
    }

    /// <summary>Reads the records of a feed. The live equivalent is <see cref="Subscription{TRecord}.ReadAllAsync"/>.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<TRecord> ReadAsync<TRecord>(
        Feed<TRecord> feed, string? key = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        await foreach (var item in ReadItemsAsync(feed, key, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsRecord)
                yield return item.Record;
        }
    }

    /// <summary>
    /// Reads the records of a feed, with gaps, interruptions and malformed frames in their places. The live equivalent is
    /// <see cref="Subscription{TRecord}.ReadItemsAsync"/>. Damage of a file becomes a gap with the reason
    /// <see cref="GapReason.Unreadable"/>.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key; <see langword="null"/> for all. Ignored for order notices: their key is
    /// the account of the capture.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync<TRecord>(
        Feed<TRecord> feed, string? key = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        var schema = Options.Catalog.TryFind(feed.Schema.TrId, out var known) ? known : feed.Schema;
        var records = new RecordItems<TRecord>(Options.Catalog, schema, key);
        await foreach (var item in With(Options with { TrIds = [feed.Schema.TrId] })
            .ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            records.Process(item);
            foreach (var record in records.Items)
                yield return record;
        }

        records.Complete();
        foreach (var last in records.Items)
            yield return last;
    }

    /// <summary>
    /// Reads the records of a key from <see cref="SubscribeOptions.From"/> on, and ends. The equivalent at a gateway is
    /// <see cref="KisFeedClient.SubscribeAsync{TRecord}(Feed{TRecord}, string, SubscribeOptions?, CancellationToken)"/>, which continues
    /// with live data. A time of day is one of the last recorded day.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key; <see langword="null"/> for all.</param>
    /// <param name="options">The options of the subscription.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HistoryNotAvailableException"><see cref="SubscribeOptions.From"/> is the id of an item, which
    /// only its gateway knows.</exception>
    [OverloadResolutionPriority(1)] // new() { From = … } is not a token.
    public IAsyncEnumerable<TRecord> ReadAsync<TRecord>(
        Feed<TRecord> feed, string? key, SubscribeOptions options, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord> =>
        From(options).ReadAsync(feed, key, cancellationToken);

    /// <summary>
    /// Reads the records of a key from <see cref="SubscribeOptions.From"/> on, with gaps, interruptions and
    /// malformed frames in their places, and ends.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key; <see langword="null"/> for all.</param>
    /// <param name="options">The options of the subscription.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HistoryNotAvailableException"><see cref="SubscribeOptions.From"/> is the id of an item, which
    /// only its gateway knows.</exception>
    [OverloadResolutionPriority(1)] // new() { From = … } is not a token.
    public IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync<TRecord>(
        Feed<TRecord> feed, string? key, SubscribeOptions options, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord> =>
        From(options).ReadItemsAsync(feed, key, cancellationToken);

    /// <summary>Reads all items into a sink, split into records.</summary>
    /// <param name="sink">Receives the content.</param>
    /// <param name="progress">Receives from time to time the number of bytes read.</param>
    /// <param name="pause">Called from time to time, so that the sink can flush its buffers; <see langword="null"/> if it need not.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal async Task ReadRecordsAsync(
        ICaptureSink sink, IProgress<long>? progress, Func<CancellationToken, ValueTask>? pause, CancellationToken cancellationToken)
    {
        const int PauseInterval = 256;
        var enumerator = new RecordEnumerator(Options.Catalog, sink);
        var items = 0;
        await foreach (var item in ReadItemsAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            enumerator.Process(item);
            if (pause is not null && ++items % PauseInterval == 0)
                await pause(cancellationToken).ConfigureAwait(false);
        }

        enumerator.Complete();
    }

    private CaptureReader From(SubscribeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.From is not { } start)
            return this;
        var from = start switch
        {
            { Instant: { } instant } => instant,
            { Before: { } duration } => TimeProvider.System.GetUtcNow() - duration,
            { TimeOfDay: { } timeOfDay } =>
                new DateTimeOffset(KoreaTime.From(Files.Max(file => file.FirstAt) ?? DateTimeOffset.UnixEpoch).Date, KoreaTime.Offset)
                + timeOfDay.ToTimeSpan(),
            _ => throw new HistoryNotAvailableException(
                $"{start} is the id of an item of a gateway, which a capture does not have: begin at a time, or connect to the gateway"),
        };
        return With(Options with { From = CaptureTime.At(from), Seeks = true });
    }

    private static List<string> FilesOf(string path, FileSearch search, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
            return search.TryAdd(Path.GetFullPath(path)) ? [Path.GetFullPath(path)] : [];
        if (!Directory.Exists(path))
            throw new CaptureException($"{path} is neither a file nor a folder: give a capture file, or the folder of 'kisfeed record'");
        try
        {
            var hasCapture = false;
            var found = search.In(Path.GetFullPath(path), name => IsNamedAsCapture(name) && (hasCapture = true), cancellationToken);
            return hasCapture
                ? found
                : throw new CaptureException($"there is no capture in {path}: capture files are named *.log.gz or *.log");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaptureException($"{path} cannot be read: {e.Message}", e);
        }
    }

    internal static bool IsNamedAsCapture(string path) =>
        path.EndsWith(".log.gz", StringComparison.Ordinal) || path.EndsWith(".log", StringComparison.Ordinal);

    private static bool MatchesFeed(CaptureFile file, CaptureReaderOptions options) =>
        file.TrId is null || options.TrIds.Count == 0 || options.TrIds.Contains(file.TrId, StringComparer.Ordinal);
}
