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

/// <summary>Which bars are made.</summary>
public sealed record BarOptions
{
    /// <summary>How long a bar is: a second to a day, so that a day is made of whole bars. Default a minute.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The keys; empty, the default, for all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The times of the records; <see langword="null"/>, the default, for all. The reader's own bounds go by the time of receipt.</summary>
    public RecordSpan? Span { get; init; }

    /// <summary>Whether a day can be made of bars of this length.</summary>
    public static bool IsInterval(TimeSpan interval) =>
        interval >= TimeSpan.FromSeconds(1) && interval.Ticks % TimeSpan.TicksPerSecond == 0 && TimeSpan.TicksPerDay % interval.Ticks == 0;
}

/// <summary>What has been met so far of a capture that bars are made of.</summary>
public sealed class BarCounts : ReadCounts
{
    private readonly HashSet<string> _withoutPrice = new(StringComparer.Ordinal);

    internal BarCounts()
    {
    }

    /// <summary>Bars made.</summary>
    public long Bars { get; internal set; }

    /// <summary>Records that bars are made of.</summary>
    public long Records { get; internal set; }

    /// <summary>Records that came later than the end of the bar they belong into, and are in none.</summary>
    public long Late { get; internal set; }

    /// <summary>The volume of those, but for what other records account for already. It is part of the missed volume, of the bar in which the growth showed.</summary>
    public decimal LateVolume { get; internal set; }

    /// <summary>Records without a time, which are in no bar. Their volume is missed volume too.</summary>
    public long Untimed { get; internal set; }

    /// <summary>Records that say nothing new of the volume although they state one: they were sent before. Their volume is not counted twice.</summary>
    public long Repeated { get; internal set; }

    /// <summary>How often a cumulative volume began anew within a day.</summary>
    public long Restarts { get; internal set; }

    /// <summary>By how much records' own volumes exceed what the cumulative volume grew: what the feed says contradicts itself.</summary>
    public decimal Excess { get; internal set; }

    /// <summary>Records of keys beyond those that are told apart, which are in no bar. A flaw of the file says so too.</summary>
    public long Unfollowed { get; internal set; }

    /// <summary>The TR IDs of feeds of which no bars can be made: they have no time, or neither a price nor a net volume.</summary>
    public IReadOnlyCollection<string> WithoutPrice => _withoutPrice;

    internal void AddWithoutPrice(string trId) => _withoutPrice.Add(trId);
}
