using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

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
    /// <exception cref="KisFeedException">A key was refused, or the session has ended; no key is registered then.</exception>
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
        {
            throw new ArgumentException(
                $"bars cannot be made from {feed.TrId}: it has no time, or neither a price nor a net volume", nameof(feed));
        }

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
        await using var ending = bars.ConfigureAwait(false);
        await foreach (var bar in bars.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return bar;
    }
}
