using KisFeed.Feeds;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>The default targets of the demo, stock prices and a book first. They leave a third of the slots to those who try it.</summary>
internal static class DemoTargets
{
    /// <summary>The HTS ID of an account that trades in the simulated market.</summary>
    public const string HtsId = "DEMO";

    /// <summary>What fits on a terminal, without order notices.</summary>
    public static IReadOnlyList<WatchTarget> Targets { get; } = Parse(
    [
        "trade:005930", "trade:000660", "trade:005380", "trade:035420", "book:005930",
        "index:0001", "index:1001", "index:2001",
        "program:005930", "program-nxt:005930", "program:000660", "program-nxt:000660",
    ]);

    /// <summary>What the gateway registers and the dashboard shows: <see cref="Targets"/> and more.</summary>
    public static IReadOnlyList<GatewayKey> Keys { get; } =
    [
        .. Targets
            .Concat(Parse(
            [
                "trade:373220", "trade:012450", "trade:068270", "trade:105560",
                $"futures:{SimulatedInstruments.NearFuture}", "us:DNASAAPL", "us:DNASNVDA", "us:DNASTSLA",
                "bond:KR103502GA34", "bond:KR103501GG62", "bond:KR103501GF63",
                "program:005380", "program-nxt:005380", "program:035420", "program-nxt:035420",
            ]))
            .Select(target => new GatewayKey(target.Feed, target.Key)),
    ];

    public static WatchTarget Notices { get; } = WatchTarget.Parse(KisFeeds.Catalog, "notice", HtsId);

    private static WatchTarget[] Parse(string[] names) => [.. names.Select(name => WatchTarget.Parse(KisFeeds.Catalog, name, htsId: null))];
}
