using System.Text;
using KisFeed.Capture.Reading;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>
/// Exports the records of a capture as CSV or JSON lines, in the order of receipt. Memory is bounded, whatever the size of the capture.
/// </summary>
/// <example>
/// <code>
/// var capture = CaptureReader.Open("capture/2026-11-20", new CaptureReaderOptions { TrIds = ["H0UPCNT0"] });
/// await using var file = File.Create("kospi.csv");
/// await new CaptureExport(capture, new ExportOptions { Keys = ["0001"] }).WriteAsync(file);
/// </code>
/// </example>
public sealed class CaptureExport
{
    private readonly CaptureReader _reader;
    private readonly ExportOptions _options;
    private readonly ExportFormatInfo _format;

    /// <summary>Creates an export of a capture. The options of its reader select feeds and receive times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The format is not a value of <see cref="ExportFormat"/>.</exception>
    public CaptureExport(CaptureReader reader, ExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        _options = options ?? new ExportOptions();
        _format = ExportFormatInfo.Of(_options.Format);
    }

    /// <summary>The counts so far.</summary>
    public ExportCounts Counts { get; } = new();

    /// <summary>
    /// Called once for each feed and unknown width, at most a thousand times. The columns without a name are in <c>extra</c>.
    /// </summary>
    public Action<FeedSchema, FrameShape>? UnknownWidth { get; init; }

    /// <summary>
    /// Writes everything to one stream, which stays open. Some formats, such as CSV, hold only one feed: see
    /// <see cref="ExportFormatInfo.SingleFeedReason"/>.
    /// </summary>
    /// <exception cref="CaptureException">A file of the format holds one feed, and the capture has several.</exception>
    public Task WriteAsync(Stream output, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_format.SingleFeedReason is { } reason)
            RequireOneFeed(reason, _reader.Files.Select(file => file.TrId).OfType<string>());
        return RunAsync(new ExportTarget(_options, _format, Counts, _ => output, isShared: true), progress, cancellationToken);
    }

    /// <summary>Writes each feed to its own stream, which stays open.</summary>
    /// <param name="open">Opens the stream of a feed, by TR ID, at its first record.</param>
    /// <param name="progress">Receives from time to time the number of bytes read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task WriteEachAsync(Func<string, Stream> open, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        return RunAsync(new ExportTarget(_options, _format, Counts, open, isShared: false), progress, cancellationToken);
    }

    internal static void RequireOneFeed(string reason, IEnumerable<string> trIds)
    {
        string[] feeds = [.. trIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (feeds.Length > 1)
            throw new CaptureException($"{reason}, but the capture has {string.Join(", ", feeds)}: choose one, or write one file per feed");
    }

    private async Task RunAsync(ExportTarget target, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using (target)
        {
            var filter = new RecordFilter(_reader.Options.TrIds, _options.Keys);
            Counts.RecordFilter = filter;
            var sink = new ExportSink(target, _options, filter, Counts, UnknownWidth);
            await _reader.ReadRecordsAsync(
                SpanSink.Around(sink, _options.Span, filter, Counts), progress, target.FlushFullAsync, cancellationToken)
                .ConfigureAwait(false);
            if (_format.SingleFeedReason is not null && target.IsUntouched && HeaderFeed() is { } feed)
                _ = target.WriterOf(feed);
            await target.FinishAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A file of one feed has its header even if the capture has no records.
    private FeedSchema? HeaderFeed()
    {
        string[] trIds =
            [.. _reader.Files.Select(file => file.TrId).OfType<string>().Concat(_reader.Options.TrIds).Distinct(StringComparer.Ordinal)];
        return trIds is [var only] && _reader.Options.Catalog.TryGet(Encoding.ASCII.GetBytes(only), out var feed) ? feed : null;
    }
}

/// <summary>The options of a <see cref="CaptureExport"/>.</summary>
public sealed record ExportOptions
{
    /// <summary>The format. Default <see cref="ExportFormat.Csv"/>.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>The names of the columns. Default <see cref="NameStyle.English"/>.</summary>
    public NameStyle Names { get; init; }

    /// <summary>
    /// Whether CSV is safe for spreadsheets and terminals: see <see cref="RecordCsv.EscapesFormulas"/>. Default <see langword="false"/>.
    /// </summary>
    public bool EscapesFormulas { get; init; }

    /// <summary>The keys of the records to write. Default empty: all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The times of the records. Default <see langword="null"/>: all. The reader's own bounds are receive times.</summary>
    public RecordSpan? Span { get; init; }

    /// <summary>
    /// The stream to which gaps are written in addition, as separate CSV. It stays open. Default <see langword="null"/>: none.
    /// </summary>
    public Stream? Gaps { get; init; }
}

/// <summary>The counts of an export.</summary>
public sealed class ExportCounts : ReadCounts
{
    private readonly HashSet<string> _feeds = new(StringComparer.Ordinal);

    internal ExportCounts()
    {
    }

    /// <summary>Records written.</summary>
    public long Records { get; internal set; }

    /// <summary>The TR IDs of the records written.</summary>
    public IReadOnlyCollection<string> Feeds => _feeds;

    internal void AddFeed(string trId) => _feeds.Add(trId);
}
