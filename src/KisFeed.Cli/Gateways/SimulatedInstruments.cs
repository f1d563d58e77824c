using KisFeed.Cli.Options;
using KisFeed.Cli.Ticks;
using KisFeed.Feeds;
using KisFeed.Gateway;
using KisFeed.Simulator.Market;
using Instrument = KisFeed.Gateway.Instrument;
using InstrumentKind = KisFeed.Gateway.InstrumentKind;
using ListedKind = KisFeed.Simulator.Market.InstrumentKind;

namespace KisFeed.Cli.Gateways;

/// <summary>What is known by name without anybody having said so: what the simulated market lists, whose names and codes are those of the real one.</summary>
internal static class SimulatedInstruments
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Instrument> All { get; } =
        [.. new KoreanMarket(MarketOptions.Default).Instruments.Select(listed => new Instrument(KindOf(listed.Kind), listed.Code, listed.Name, InstrumentNames.EnglishOf(listed.Code)))];

    private static InstrumentKind KindOf(ListedKind kind) => kind switch
    {
        ListedKind.Index => InstrumentKind.Index,
        ListedKind.Bond => InstrumentKind.Bond,
        ListedKind.Stock => InstrumentKind.Stock,
        _ => InstrumentKind.Future,
    };
}

/// <summary>The part of a simulated market that people see who have not said what they want to: something of every feed.</summary>
internal static class DemoTargets
{
    /// <summary>The HTS ID of an account that trades in it.</summary>
    public const string HtsId = "DEMO";

    private static readonly string[] s_names =
    [
        "index:0001", "index:1001", "index:2001",
        "bond:KR103502GA34", "bond:KR103501GG62", "bond:KR103501GF63",
        "program-nxt:005930", "program-nxt:000660", "program-nxt:005380", "program-nxt:035420",
        "program:005930", "program:000660", "program:005380", "program:035420",
    ];

    /// <summary>All of it but the order notices.</summary>
    public static IReadOnlyList<WatchTarget> Targets { get; } = [.. s_names.Select(name => WatchTarget.Parse(KisFeeds.Catalog, name, htsId: null))];

    /// <summary>The same as a gateway names it.</summary>
    public static IReadOnlyList<GatewayKey> Keys { get; } = [.. Targets.Select(target => new GatewayKey(target.Feed, target.Key))];

    /// <summary>The order notices of the account.</summary>
    public static WatchTarget Notices { get; } = WatchTarget.Parse(KisFeeds.Catalog, "notice", HtsId);
}
