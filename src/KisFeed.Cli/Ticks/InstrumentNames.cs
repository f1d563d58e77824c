using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Ticks;

/// <summary>Names of well-known instruments, for records that carry only a code.</summary>
internal sealed class InstrumentNames
{
    private static readonly Dictionary<string, string> s_english = new(StringComparer.Ordinal)
    {
        ["0001"] = "KOSPI",
        ["1001"] = "KOSDAQ",
        ["2001"] = "KOSPI 200",
    };

    private readonly Dictionary<string, string> _names = new KoreanMarket(MarketOptions.Default).Instruments
        .ToDictionary(i => i.Code, i => s_english.TryGetValue(i.Code, out var english) ? $"{english} {i.Name}" : i.Name, StringComparer.Ordinal);

    /// <summary>The English name of an index; <see langword="null"/> where none is known.</summary>
    public static string? EnglishOf(string code) => s_english.GetValueOrDefault(code);

    /// <summary>The name of what a key stands for; empty where it is not known.</summary>
    public string Find(string key) => _names.GetValueOrDefault(key, "");
}
