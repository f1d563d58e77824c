using System.Globalization;
using KisFeed.Feeds;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

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
