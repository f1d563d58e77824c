using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary><c>--instruments</c>: files with instruments, in addition to the built-in ones.</summary>
internal sealed class InstrumentsOption() : ValueOption<string[]>("--instruments", "FILE",
    UiText.Of(
        "More instruments to find by name, and to name in place of their keys: the broker's master files, such as kospi_code.mst or "
            + "nasmst.cod, or CSV with kind,code,name,englishName. May be repeated.",
        "이름으로 찾거나 키 대신 이름을 쓸 종목: 증권사의 종목 마스터파일(kospi_code.mst, nasmst.cod 등), 또는 kind,code,name,englishName이 있는 CSV. 여러 번 쓸 수 있습니다."))
{
    /// <summary>
    /// Returns all known instruments. An entry of a file replaces an earlier one of the same kind and code; if it has no English name, the
    /// earlier one is kept.
    /// </summary>
    public async Task<IReadOnlyList<Instrument>> ReadAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var all = new OrderedDictionary<(InstrumentKind, string), Instrument>();
        Add(SimulatedInstruments.All);
        try
        {
            foreach (var path in arguments.GetValue(this) ?? [])
                Add(await InstrumentFile.ReadAsync(path, cancellationToken));
        }
        catch (KisFeedConfigurationException e)
        {
            throw new CommandException($"{Name}: {e.Message}", e);
        }

        return [.. all.Values];

        void Add(IEnumerable<Instrument> instruments)
        {
            foreach (var instrument in instruments)
            {
                var before = all.GetValueOrDefault((instrument.Kind, instrument.Code));
                all[(instrument.Kind, instrument.Code)] = instrument with { EnglishName = instrument.EnglishName ?? before?.EnglishName };
            }
        }
    }
}
