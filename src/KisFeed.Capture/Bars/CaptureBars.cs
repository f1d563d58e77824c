using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Makes bars of a capture: by exchange time, for each feed and key, with what was missed. A bar comes when a record of its key behind it has come; bars of
/// several keys come as they are done. Holds one open bar for each key.
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

    /// <summary>Of a capture; its reader's options say which feeds and times of receipt.</summary>
    /// <exception cref="ArgumentException">No day can be made of bars of this length.</exception>
    public CaptureBars(CaptureReader reader, BarOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        _options = options ?? new BarOptions();
        if (!BarOptions.IsInterval(_options.Interval))
            throw new ArgumentException($"a day cannot be made of bars of {_options.Interval}: choose whole seconds that divide a day", nameof(options));
    }

    /// <summary>What has been met so far.</summary>
    public BarCounts Counts { get; } = new();

    /// <summary>Whether bars can be made of a feed: it has a time, and a price or a net volume.</summary>
    public static bool CanBeMadeOf(FeedSchema feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return BarColumns.Suffice(feed);
    }

    /// <summary>Whether the bars of a feed have net volumes instead of prices, as those of program trading.</summary>
    public static bool IsNet(FeedSchema feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return BarColumns.IsNet(feed);
    }

    /// <summary>The bars. Once for each object.</summary>
    /// <param name="progress">Told now and then how many bytes of the files have been read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<Bar> ReadAsync(IProgress<long>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var wanted = new RecordFilter(_reader.Options.TrIds, _options.Keys);
        Counts.RecordFilter = wanted;
        var sink = new BarSink(_options, wanted, Counts);
        var walk = new RecordEnumerator(_reader.Options.Catalog, SpanSink.Around(sink, _options.Span, wanted, Counts));
        await foreach (var item in _reader.ReadItemsAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            walk.Take(item);
            while (sink.Finished.TryDequeue(out var bar))
                yield return bar;
        }

        walk.End();
        sink.End();
        while (sink.Finished.TryDequeue(out var last))
            yield return last;
    }
}
