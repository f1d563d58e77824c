using KisFeed.Cli.Ticks;
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
