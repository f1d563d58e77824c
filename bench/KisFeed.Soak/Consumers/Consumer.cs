using System.Globalization;
using KisFeed.Feeds;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

/// <summary>A consumer that subscribes once and reads until the subscription ends.</summary>
internal abstract class Consumer(Audit audit)
{
    public Audit Audit { get; } = audit;

    /// <summary>Its subscription; available after <see cref="SubscribeAsync"/>.</summary>
    public abstract FeedSubscription Subscription { get; }

    /// <summary>Completes when everything has been read; with the subscription's error, if any.</summary>
    public abstract Task Completion { get; }

    public abstract Task SubscribeAsync(KisFeedClient client);

    /// <summary>Reads the remaining items without delays.</summary>
    public virtual void SkipDelays()
    {
    }

    /// <summary>Checks the totals after everything has been read.</summary>
    public virtual void Close()
    {
        Audit.Close();
        if (Audit.FramesMissed != Subscription.Dropped)
            Audit.ReportError($"{Subscription.Dropped} frames were dropped, but gaps report {Audit.FramesMissed}");
    }
}

/// <summary>Extracts the values of a record for its audit.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
/// <param name="record">The record.</param>
/// <param name="key">The subscribed key.</param>
internal delegate Reading ReadRecord<TRecord>(in TRecord record, string key)
    where TRecord : struct;

/// <summary>Extracts the values for the audit from each type of record.</summary>
internal static class Readings
{
    public static Reading Of(in BondTrade trade, string key) => new(trade.Code == key, trade.AccumulatedVolume, trade.Volume);

    public static Reading Of(in IndexTrade trade, string key) => new(trade.Code == key, trade.AccumulatedVolume, trade.Volume);

    public static Reading Of(in ProgramTrade trade, string key) => new(trade.Code == key, trade.SellVolume + trade.BuyVolume, null);

    // A fill has the number of its order, which is lower.
    public static Reading Of(in OrderNotice notice, string key) =>
        new(
            notice.CustomerId == key,
            notice.Kind == OrderNoticeKind.Order ? long.Parse(notice.OrderNumber ?? "", CultureInfo.InvariantCulture) : null,
            null);
}
