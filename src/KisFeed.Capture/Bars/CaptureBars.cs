using System.Runtime.CompilerServices;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>
/// Makes bars (OHLC) from a capture by exchange time, for each feed and key, with the missed volume. A bar is finished by the first later
/// record of its key; bars of several keys are returned as they finish. Keeps one open bar per key.
/// </summary>
/// <example>
/// <code>
/// var bars = new CaptureBars(CaptureReader.Open("capture"), new BarOptions { Interval = TimeSpan.FromMinutes(5) });
/// await foreach (var bar in bars.ReadAsync())
///     Console.WriteLine($"{bar.Key} {bar.Start} {bar.Close} {bar.Volume}");
/// </code>
/// </example>
public sealed class CaptureBars
{
    private readonly CaptureReader _reader;
    private readonly BarOptions _options;

    /// <summary>Creates the bars of a capture. The options of its reader select feeds and receive times.</summary>
    /// <exception cref="ArgumentException">The interval is not valid.</exception>
    public CaptureBars(CaptureReader reader, BarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        _options = options ?? new BarOptions();
        BarOptions.RequireInterval(_options.Interval, nameof(options));
    }

    /// <summary>The counts so far.</summary>
    public BarCounts Counts { get; } = new();

    /// <summary>Whether bars can be made from a feed: it has a time, and a price or a net volume.</summary>
    public static bool Supports(FeedSchema feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return BarColumns.Suffice(feed);
    }

    /// <summary>Whether the bars of a feed have net volumes instead of prices, as for program trading.</summary>
    public static bool IsNet(FeedSchema feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return BarColumns.IsNet(feed);
    }

    /// <summary>Reads the bars. Call it once per object.</summary>
    /// <param name="progress">Receives from time to time the number of bytes read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<Bar> ReadAsync(
        IProgress<long>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var filter = new RecordFilter(_reader.Options.TrIds, _options.Keys);
        Counts.RecordFilter = filter;
        var sink = new BarSink(_options, filter, Counts);
        var enumerator = new RecordEnumerator(_reader.Options.Catalog, SpanSink.Around(sink, _options.Span, filter, Counts));
        await foreach (var item in _reader.ReadItemsAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            enumerator.Process(item);
            while (sink.Finished.TryDequeue(out var bar))
                yield return bar;
        }

        enumerator.Complete();
        sink.End();
        while (sink.Finished.TryDequeue(out var last))
            yield return last;
    }
}

/// <summary>The options of <see cref="CaptureBars"/>.</summary>
public sealed record BarOptions
{
    /// <summary>The length of a bar: whole seconds that divide a day. Default a minute.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The keys. Default empty: all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The times of the records. Default <see langword="null"/>: all. The reader's own bounds are receive times.</summary>
    public RecordSpan? Span { get; init; }

    /// <summary>Whether a length is valid for bars.</summary>
    public static bool IsInterval(TimeSpan interval) =>
        interval >= TimeSpan.FromSeconds(1) && interval.Ticks % TimeSpan.TicksPerSecond == 0 && TimeSpan.TicksPerDay % interval.Ticks == 0;

    internal static void RequireInterval(TimeSpan interval, string parameter)
    {
        if (!IsInterval(interval))
            throw new ArgumentException($"the interval {interval} is not valid: use whole seconds that divide a day", parameter);
    }
}
