using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary><c>--instruments</c>: files with instruments, in addition to the built-in ones and those of the master files.</summary>
internal sealed class InstrumentsOption(MastersOption masters) : ValueOption<string[]>("--instruments", "FILE",
    UiText.Of(
        "Names of your own to find instruments by, and to show: CSV with kind,code,name,englishName. May be repeated.",
        "종목을 찾고 표시할 때 쓸 나만의 이름: kind,code,name,englishName이 있는 CSV. 여러 번 쓸 수 있습니다."))
{
    /// <summary>
    /// Returns all known instruments: the built-in ones, then those of the master files, then those of files. A later entry replaces an
    /// earlier one of the same kind and code; if it has no English name, the earlier one is kept.
    /// </summary>
    public async Task<IReadOnlyList<Instrument>> ReadAsync(CommandHost host, ParseResult arguments, CancellationToken cancellationToken)
    {
        var all = new OrderedDictionary<(InstrumentKind, string), Instrument>();
        Add(SimulatedInstruments.All);
        var option = masters.Name;
        try
        {
            // A master file calls several indices 종합; the built-in names, which have English ones too, are unique.
            if (masters.PathOf(host, arguments) is { } path)
                Add((await InstrumentFile.ReadAsync(path, cancellationToken)).Where(instrument => Known(instrument)?.EnglishName is null));
            option = Name;
            foreach (var file in arguments.GetValue(this) ?? [])
                Add(await InstrumentFile.ReadAsync(file, cancellationToken));
        }
        catch (KisFeedConfigurationException e)
        {
            throw new CommandException($"{option}: {e.Message}", e);
        }

        return [.. all.Values];

        void Add(IEnumerable<Instrument> instruments)
        {
            foreach (var instrument in instruments)
            {
                all[(instrument.Kind, instrument.Code)] =
                    instrument with { EnglishName = instrument.EnglishName ?? Known(instrument)?.EnglishName };
            }
        }

        Instrument? Known(Instrument instrument) => all.GetValueOrDefault((instrument.Kind, instrument.Code));
    }
}
