using System.Runtime.CompilerServices;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Reads captures: files and folders of them, as one stream in the order of receipt. Each enumeration begins anew, so that one reader serves any number of
/// them at once. Nothing of a capture is held in memory but what is read just now.
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
    private CaptureReader(IReadOnlyList<CaptureFile> files, IReadOnlyList<string> folders, CaptureReaderOptions options)
    {
        Files = files;
        Folders = folders;
        Options = options;
    }

    /// <summary>The files, in the order of their first lines' times.</summary>
    public IReadOnlyList<CaptureFile> Files { get; }

    /// <summary>The folders that were opened with all that is in them.</summary>
    internal IReadOnlyList<string> Folders { get; }

    /// <summary>What of them is read.</summary>
    public CaptureReaderOptions Options { get; }

    /// <summary>Opens a file, or a folder with all that is in it.</summary>
    /// <exception cref="CaptureException">There is no such file or folder, or no capture in the folder.</exception>
    public static CaptureReader Open(string path, CaptureReaderOptions? options = null) => Open([path], options);

    /// <summary>
    /// Opens files, and folders with all that is in them: <c>*.log.gz</c> and <c>*.log</c>. A file that is named is opened whatever it is called.
    /// </summary>
    /// <exception cref="CaptureException">There is no such file or folder, or no capture in a folder.</exception>
    public static CaptureReader Open(IEnumerable<string> paths, CaptureReaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= CaptureReaderOptions.Default;
        string[] all = [.. paths];
        var files = all.SelectMany(FilesOf).Distinct(StringComparer.Ordinal).Select(FileProbe.Read)
            .OrderBy(file => file.FirstAt ?? DateTimeOffset.MinValue).ThenBy(file => file.Path.Length).ThenBy(file => file.Path, StringComparer.Ordinal);
        return new CaptureReader([.. files.Where(file => MatchesFeed(file, options))], [.. all.Where(Directory.Exists).Select(Path.GetFullPath)], options);
    }

    /// <summary>The same files, read in another way.</summary>
    public CaptureReader With(CaptureReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new CaptureReader([.. Files.Where(file => MatchesFeed(file, options))], Folders, options);
    }

    /// <summary>Everything, in the order of receipt: frames, events where they captureEvent, and problems where they are met.</summary>
    /// <param name="progress">Told now and then how many bytes of the files have been read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<CaptureItem> ReadItemsAsync(IProgress<long>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
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

    /// <summary>The frames alone, in the order of receipt, as they were received: nothing of them has been checked. Live, <see cref="FrameTap.ReadFramesAsync"/> gives the same.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<Frame> ReadFramesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsFrame)
                yield return item.Frame;
        }
    }

    /// <summary>The records of a feed, as <see cref="Subscription{TRecord}.ReadAllAsync"/> gives them live.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<TRecord> ReadAsync<TRecord>(Feed<TRecord> feed, string? key = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        await foreach (var item in ReadItemsAsync(feed, key, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsRecord)
                yield return item.Record;
        }
    }

    /// <summary>
    /// The records of a feed, with gaps, interruptions and malformed frames in their places, as <see cref="Subscription{TRecord}.ReadItemsAsync"/> gives them live.
    /// Where the file itself is damaged stands a gap whose reason is <see cref="GapReason.Unreadable"/>.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key; <see langword="null"/> for all. Of an order notice the capture's account is the key, whatever is given.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync<TRecord>(Feed<TRecord> feed, string? key = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        var schema = Options.Catalog.TryFind(feed.Schema.TrId, out var known) ? known : feed.Schema;
        var records = new RecordItems<TRecord>(Options.Catalog, schema, key);
        await foreach (var item in With(Options with { TrIds = [feed.Schema.TrId] }).ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            records.Process(item);
            foreach (var record in records.Items)
                yield return record;
        }

        records.Complete();
        foreach (var last in records.Items)
            yield return last;
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (File.Exists(path))
            return [Path.GetFullPath(path)];
        if (!Directory.Exists(path))
            throw new CaptureException($"{path} is neither a file nor a folder: give the file of a capture, or the folder that 'kisfeed record' has written to");
        try
        {
            var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
            string[] found = [.. Directory.EnumerateFiles(Path.GetFullPath(path), "*", all).Where(IsNamedAsCapture)];
            return found.Length > 0 ? found : throw new CaptureException($"there is no capture in {path}: files of captures are called *.log.gz or *.log");
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

/// <summary>What of a capture is read, and how.</summary>
public sealed record CaptureReaderOptions
{
    /// <summary>The options as they are when nothing is said: everything.</summary>
    public static CaptureReaderOptions Default { get; } = new();

    /// <summary>What was received before this is passed over.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>What was received at this or later is passed over.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>The TR IDs whose frames and events are read; empty, the default, for all.</summary>
    public IReadOnlyList<string> TrIds { get; init; } = [];

    /// <summary>The feeds that records are decoded by. Default those of this library; with a layout file, <see cref="FeedCatalog.WithLayouts"/>.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>The longest line that is read, in bytes. Default 4 MiB, which is more than a message of a recorder's session can be.</summary>
    public int MaxLineBytes { get; init; } = 4 << 20;
}
