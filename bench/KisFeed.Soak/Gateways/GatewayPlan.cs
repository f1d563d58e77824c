using System.Collections.Immutable;
using KisFeed.Feeds;
using KisFeed.Gateway;

namespace KisFeed.Soak.Gateways;

/// <summary>The keys that consumers request from the gateway: more than there are slots upstream, so that some are refused.</summary>
internal static class GatewayPlan
{
    private const int Bonds = 60;
    private const int Indices = 20;
    private const int Stocks = 6;

    /// <summary>The keys that the gateway keeps registered without consumers.</summary>
    public static ImmutableArray<GatewayKey> KeptKeys { get; } =
    [
        new(IndexTrade.Feed.Schema, Index(1)),
        new(IndexTrade.Feed.Schema, Index(2)),
        new(BondTrade.Feed.Schema, Bond(1)),
        new(BondTrade.Feed.Schema, Bond(2)),
        new(BondTrade.Feed.Schema, Bond(3)),
        new(ProgramTrade.Krx.Schema, Stock(1)),
    ];

    /// <summary>The keys that visitors choose from, without order notices.</summary>
    public static ImmutableArray<(string TrId, string Key)> VisitorKeys { get; } =
    [
        .. Enumerable.Range(1, Bonds).Select(i => (BondTrade.Feed.TrId, Bond(i))),
        .. Enumerable.Range(1, Indices).Select(i => (IndexTrade.Feed.TrId, Index(i))),
        .. Enumerable.Range(1, Stocks).SelectMany(i =>
            new[] { (ProgramTrade.Krx.TrId, Stock(i)), (ProgramTrade.Nxt.TrId, Stock(i)), (ProgramTrade.Consolidated.TrId, Stock(i)) }),
    ];

    /// <summary>The HTS IDs of the sessions, for consumers with the right to order notices.</summary>
    public static ImmutableArray<(string TrId, string Key)> Notices { get; } =
        [.. Enumerable.Range(1, ServeGatewayCommand.Sessions).Select(i => (OrderNotice.Feed.TrId, SubscriptionPlan.Account(i)))];

    private static string Bond(int number) => FormattableString.Invariant($"KR10350{number:D5}");

    private static string Index(int number) => number == 1 ? "0001" : FormattableString.Invariant($"{3000 + number}");

    private static string Stock(int number) => FormattableString.Invariant($"{5930 * number:D6}");
}
