using KisFeed.Gateway;
using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Gateways;

/// <summary>The built-in instruments: those of the simulated market, which have the names and codes of the real ones.</summary>
internal static class SimulatedInstruments
{
    public static IReadOnlyList<Instrument> All { get; } =
    [
        .. new KoreanMarket(MarketOptions.Default).Instruments
            .Select(listed => new Instrument(KindOf(listed.Kind), listed.Code, listed.Name, EnglishOf(listed.Code))),
        new(InstrumentKind.OverseasStock, "DNASAAPL", "애플", "Apple"),
        new(InstrumentKind.OverseasStock, "DNASNVDA", "엔비디아", "NVIDIA"),
        new(InstrumentKind.OverseasStock, "DNASTSLA", "테슬라", "Tesla"),
    ];

    /// <summary>The code of the index future that expires next.</summary>
    public static string NearFuture => All.First(instrument => instrument.Kind == InstrumentKind.Future).Code;

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
