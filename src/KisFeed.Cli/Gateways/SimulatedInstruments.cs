using KisFeed.Feeds;
using KisFeed.Gateway;
using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Gateways;

/// <summary>The built-in instruments: those of the simulated market, which have the names and codes of the real ones.</summary>
internal static class SimulatedInstruments
{
    public static IReadOnlyList<Instrument> All { get; } =
        [.. new KoreanMarket(MarketOptions.Default).Instruments
            .Select(listed => new Instrument(KindOf(listed.Kind), listed.Code, listed.Name, EnglishOf(listed.Code)))];

    private static string? EnglishOf(string code) => code switch
    {
        "0001" => "KOSPI",
        "1001" => "KOSDAQ",
        "2001" => "KOSPI 200",
        _ => null,
    };

    private static InstrumentKind KindOf(ListedInstrumentKind kind) => kind switch
    {
        ListedInstrumentKind.Index => InstrumentKind.Index,
        ListedInstrumentKind.Bond => InstrumentKind.Bond,
        ListedInstrumentKind.Stock => InstrumentKind.Stock,
        _ => InstrumentKind.Future,
    };
}

/// <summary>The default targets of the demo: some keys of every feed of the simulated market.</summary>
internal static class DemoTargets
{
    /// <summary>The HTS ID of an account that trades in the simulated market.</summary>
    public const string HtsId = "DEMO";

    private static readonly string[] s_names =
    [
        "index:0001", "index:1001", "index:2001",
        "bond:KR103502GA34", "bond:KR103501GG62", "bond:KR103501GF63",
        "program-nxt:005930", "program-nxt:000660", "program-nxt:005380", "program-nxt:035420",
        "program:005930", "program:000660", "program:005380", "program:035420",
    ];

    /// <summary>All targets except the order notices.</summary>
    public static IReadOnlyList<WatchTarget> Targets { get; } =
        [.. s_names.Select(name => WatchTarget.Parse(KisFeeds.Catalog, name, htsId: null))];

    public static IReadOnlyList<GatewayKey> Keys { get; } = [.. Targets.Select(target => new GatewayKey(target.Feed, target.Key))];

    public static WatchTarget Notices { get; } = WatchTarget.Parse(KisFeeds.Catalog, "notice", HtsId);
}
