using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Writes the records of a capture for other programs to load, in the order of receipt and in memory that does not grow with the capture: CSV, or JSON lines.
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

    /// <summary>Of a capture; its reader's options say which feeds and times.</summary>
    public CaptureExport(CaptureReader reader, ExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        _options = options ?? new ExportOptions();
    }

    /// <summary>What has been met so far.</summary>
    public ExportCounts Counts { get; } = new();

    /// <summary>Called once for each feed and width that is wider than known, a thousand times at most: the columns nobody names are in <c>extra</c>.</summary>
    public Action<FeedSchema, FrameShape>? UnknownWidth { get; init; }

    /// <summary>Writes everything into one stream, which stays open. CSV has one header, and so takes one feed.</summary>
    /// <exception cref="CaptureException">CSV is asked for, and the capture has several feeds.</exception>
    public Task WriteAsync(Stream output, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_options.Format == ExportFormat.Csv)
            RequireOneFeed(_reader.Files.Select(file => file.TrId).OfType<string>());
        return RunAsync(new ExportTarget(_options, Counts, _ => output, isShared: true), progress, cancellationToken);
    }

    /// <summary>Writes each feed into a stream of its own, which stays open.</summary>
    /// <param name="open">Gives the stream of a feed, by its TR ID, when the first record of it comes.</param>
    /// <param name="progress">Told now and then how many bytes of the files have been read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task WriteEachAsync(Func<string, Stream> open, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        return RunAsync(new ExportTarget(_options, Counts, open, isShared: false), progress, cancellationToken);
    }

    /// <summary>Refuses more than one feed.</summary>
    internal static void RequireOneFeed(IEnumerable<string> trIds)
    {
        string[] feeds = [.. trIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (feeds.Length > 1)
            throw new CaptureException($"CSV has one header, so it takes one feed, and the capture has {string.Join(", ", feeds)}: name one, or write a file for each");
    }

    private async Task RunAsync(ExportTarget target, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using (target)
        {
            var filter = new RecordFilter(_reader.Options.TrIds, _options.Keys);
            Counts.RecordFilter = filter;
            var sink = new ExportSink(target, _options, filter, Counts, UnknownWidth);
            await RecordEnumerator.RunAsync(_reader, SpanSink.Around(sink, _options.Span, filter, Counts), progress, target.FlushFullAsync, cancellationToken).ConfigureAwait(false);
            if (_options.Format == ExportFormat.Csv && target.IsUntouched && HeaderFeed() is { } feed)
                _ = target.WriterOf(feed);
            await target.FinishAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A capture without a record still has a header.
    private FeedSchema? HeaderFeed()
    {
        string[] trIds = [.. _reader.Files.Select(file => file.TrId).OfType<string>().Concat(_reader.Options.TrIds).Distinct(StringComparer.Ordinal)];
        return trIds is [var only] && _reader.Options.Catalog.TryGet(Encoding.ASCII.GetBytes(only), out var feed) ? feed : null;
    }
}

/// <summary>What of a capture is exported, and how.</summary>
public sealed record ExportOptions
{
    /// <summary>What the records are written as. Default <see cref="ExportFormat.Csv"/>.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>The names of the columns. Default <see cref="NameStyle.English"/>.</summary>
    public NameStyle Names { get; init; }

    /// <summary>The keys whose records are written; empty, the default, for all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The times of the records; <see langword="null"/>, the default, for all. The reader's own bounds go by the time of receipt.</summary>
    public RecordSpan? Span { get; init; }

    /// <summary>Where gaps are written besides, as CSV of their own; <see langword="null"/>, the default, for nowhere. Not closed.</summary>
    public Stream? Gaps { get; init; }
}

/// <summary>What the records of a capture are written as.</summary>
public enum ExportFormat
{
    /// <summary>CSV as RFC 4180 has it, in UTF-8: a header, then a row a record. Holds records alone, of one feed.</summary>
    Csv,

    /// <summary>JSON, an object a line: records, and gaps, interruptions and what cannot be read in their places.</summary>
    JsonLines,
}

/// <summary>What an export has met so far.</summary>
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
