using System.Globalization;
using KisFeed.Feeds;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

/// <summary>Somebody who subscribes once and takes everything until the subscription ends.</summary>
internal abstract class Consumer(Audit audit)
{
    public Audit Audit { get; } = audit;

    /// <summary>What it consumes, once it has subscribed.</summary>
    public abstract FeedSubscription Subscription { get; }

    /// <summary>Ends when everything has been taken; with an error where the subscription ended with one.</summary>
    public abstract Task Completion { get; }

    public abstract Task SubscribeAsync(KisFeedClient client);

    /// <summary>Takes what is left without any delay.</summary>
    public virtual void Hurry()
    {
    }

    /// <summary>Checks the whole, once everything has been taken.</summary>
    public virtual void Close()
    {
        Audit.Close();
        if (Audit.FramesMissed != Subscription.Dropped)
            Audit.Wrong($"{Subscription.Dropped} frames were dropped, gaps tell of {Audit.FramesMissed}");
    }
}

/// <summary>Reads of a record what its audit needs.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
/// <param name="record">The record.</param>
/// <param name="key">The key that was subscribed to.</param>
internal delegate Reading ReadRecord<TRecord>(in TRecord record, string key)
    where TRecord : struct;

/// <summary>What an audit needs of each kind of record.</summary>
internal static class Readings
{
    public static Reading Of(in BondTrade trade, string key) => new(trade.Code == key, trade.AccumulatedVolume, trade.Volume);

    public static Reading Of(in IndexTrade trade, string key) => new(trade.Code == key, trade.AccumulatedVolume, trade.Volume);

    public static Reading Of(in ProgramTrade trade, string key) => new(trade.Code == key, trade.SellVolume + trade.BuyVolume, null);

    // A fill has the number of its order, which is an earlier one.
    public static Reading Of(in OrderNotice notice, string key) =>
        new(notice.CustomerId == key, notice.Kind == OrderNoticeKind.Order ? long.Parse(notice.OrderNumber ?? "", CultureInfo.InvariantCulture) : null, null);
}
