using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>
/// Bars (OHLC) of live data, made as <see cref="CaptureBars"/> makes them of a recording of the same frames. A bar is finished by the first
/// later record of its key, so the last bar of a quiet key comes late; at the end of the data the open bars are returned.
/// </summary>
/// <example>
/// <code>
/// await using var bars = await client.SubscribeBarsAsync(StockTrade.Krx.Schema, ["005930"], TimeSpan.FromMinutes(1));
/// await foreach (var bar in bars.ReadAllAsync())
///     Console.WriteLine($"{bar.Key} {bar.Start:HH:mm} {bar.Close} {bar.Volume}{(bar.HasGap ? " incomplete" : "")}");
/// </code>
/// </example>
public sealed class LiveBars : IAsyncDisposable
{
    private readonly FrameTap _tap;
    private readonly BarSink _sink;
    private readonly RecordReaderBuffer _scratch = new();

    internal LiveBars(FrameTap tap, BarOptions options)
    {
        _tap = tap;
        _sink = new BarSink(options, new RecordFilter([], options.Keys), Counts);
    }

    /// <summary>The counts so far.</summary>
    public BarCounts Counts { get; } = new();

    /// <summary>The bars in the order in which they are finished. Call it once per object.</summary>
    /// <param name="cancellationToken">Ends the stream; open bars are not returned then.</param>
    /// <exception cref="ConnectionLostException">Every session has ended; everything finished before has been returned.</exception>
    public async IAsyncEnumerable<Bar> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await _tap.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (!cancellationToken.IsCancellationRequested && _tap.TryRead(out var item))
            {
                Process(item);
                while (_sink.Finished.TryDequeue(out var bar))
                    yield return bar;
            }
        }

        _sink.End();
        while (_sink.Finished.TryDequeue(out var last))
            yield return last;
    }

    /// <summary>Ends the subscription. Queued data can still be read; then the open bars follow.</summary>
    public ValueTask DisposeAsync() => _tap.DisposeAsync();

    private void Process(in FrameItem item)
    {
        if (item.Feed is not { } feed)
            return;
        switch (item.Event)
        {
            case null:
                OnFrame(feed, item);
                break;
            case Gap { Key: { } key } gap:
                _sink.OnGap(feed, System.Text.Encoding.UTF8.GetBytes(key), gap);
                break;
            case MalformedFrame malformed:
                _sink.OnMalformed(feed, default, malformed.ReceivedAt, malformed.Error, malformed.Raw.Span);
                break;
        }
    }

    private void OnFrame(FeedSchema feed, in FrameItem item)
    {
        _ = DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _);
        var reader = _scratch.Read(frame, item.Shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var key = feed.KeyOf(fields);
            if (_sink.Accepts(feed, key))
                _sink.OnRecord(feed, key, fields, item.Frame.ReceivedAt);
        }
    }
}

/// <summary>Bars of live data, of any source.</summary>
public static class LiveBarsExtensions
{
    /// <summary>
    /// Subscribes to keys of a feed and makes bars of them. Returns once the server has acknowledged each key.
    /// </summary>
    /// <param name="source">The client.</param>
    /// <param name="feed">A feed with prices or net volumes, e.g. <c>StockTrade.Krx.Schema</c>.</param>
    /// <param name="keys">The keys within the feed.</param>
    /// <param name="interval">The length of a bar: whole seconds that divide a day.</param>
    /// <param name="cancellationToken">Cancels the wait; no key is registered then.</param>
    /// <exception cref="ArgumentException">The interval is not valid, or bars cannot be made from the feed.</exception>
    /// <exception cref="KisFeedException">As for <see cref="RecordTap.AddAsync{TRecord}(Feeds.Feed{TRecord}, string, SubscribeOptions, CancellationToken)"/>; no key is registered then.</exception>
    public static async Task<LiveBars> SubscribeBarsAsync(
        this IFrameSource source,
        FeedSchema feed,
        IEnumerable<string> keys,
        TimeSpan interval,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(feed);
        BarOptions.RequireInterval(interval, nameof(interval));
        if (!CaptureBars.Supports(feed))
            throw new ArgumentException($"bars cannot be made from {feed.TrId}: it has no time, or neither a price nor a net volume", nameof(feed));
        string[] distinct = [.. keys.Distinct(StringComparer.Ordinal)];
        var tap = source.OpenTap();
        try
        {
            await Task.WhenAll(distinct.Select(key => tap.AddAsync(feed, key, options: null, cancellationToken))).ConfigureAwait(false);
            return new LiveBars(tap, new BarOptions { Interval = interval, Keys = distinct });
        }
        catch
        {
            await tap.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Reads the bars of keys of a feed in the order in which they are finished. Subscribes when it is enumerated, and ends the
    /// subscription when the enumeration ends.
    /// </summary>
    /// <param name="source">The client.</param>
    /// <param name="feed">A feed with prices or net volumes, e.g. <c>StockTrade.Krx.Schema</c>.</param>
    /// <param name="keys">The keys within the feed.</param>
    /// <param name="interval">The length of a bar: whole seconds that divide a day.</param>
    /// <param name="cancellationToken">Ends the stream; open bars are not returned then.</param>
    /// <exception cref="ArgumentException">The interval is not valid, or bars cannot be made from the feed.</exception>
    /// <exception cref="KisFeedException">As for <see cref="SubscribeBarsAsync"/> and <see cref="LiveBars.ReadAllAsync"/>.</exception>
    public static async IAsyncEnumerable<Bar> ReadBarsAsync(
        this IFrameSource source,
        FeedSchema feed,
        IEnumerable<string> keys,
        TimeSpan interval,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var bars = await source.SubscribeBarsAsync(feed, keys, interval, cancellationToken).ConfigureAwait(false);
        await using var _ = bars.ConfigureAwait(false);
        await foreach (var bar in bars.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return bar;
    }
}
