using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary><c>--instruments</c>: files with instruments, in addition to the built-in ones.</summary>
internal sealed class InstrumentsOption() : ValueOption<string[]>("--instruments", "FILE",
    "More instruments to find by name, and to name in place of their keys: the broker's master files, such as kospi_code.mst or "
        + "nasmst.cod, or CSV with kind,code,name,englishName. May be repeated.")
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
