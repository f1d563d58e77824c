using System.CommandLine;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Wire;

namespace KisFeed.Cli.Captures;

/// <summary>What of which captures a verb reads: the same arguments in all of them.</summary>
internal sealed class CaptureSelection
{
    private readonly Argument<string[]> _paths = new("FILE|DIR")
    {
        Description = "Captures: files, and folders with all that is in them (*.log.gz, *.log).",
        HelpName = "FILE|DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _feeds = new("--feed") { Description = "Only this feed: a TR ID or an alias, in any case. May be given several times.", HelpName = "FEED" };
    private readonly Option<string[]> _keys = new("--key") { Description = "Only this key, e.g. 0001. May be given several times.", HelpName = "KEY" };
    private readonly Option<CaptureTime?> _from;
    private readonly Option<CaptureTime?> _to;
    private readonly Option<string>? _by;
    private readonly Option<string?> _layouts = CommonOptions.Layouts();

    /// <summary>The arguments.</summary>
    /// <param name="hasClock">Whether --from and --to may go by the exchange's clock, and do unless --by says otherwise.</param>
    public CaptureSelection(bool hasClock = false)
    {
        var time = hasClock ? "time" : "time of receipt";
        _from = Bound("--from", $"From this {time} on: a time of day in Korea (09:00), a date, or a date and time (2026-11-20T09:00, 2026-11-20T00:00Z).");
        _to = Bound("--to", $"Until before this {time}, in the same forms.");
        _by = hasClock ? CommonOptions.Choice("--by", "The time that --from and --to mean: of the exchange, or of the receipt where a feed has no other; or of the receipt.", CaptureClock.Exchange) : null;
    }

    public void AddTo(Command command)
    {
        _paths.RefuseOptions();
        _feeds.CompletionSources.CompleteFeeds("");
        command.Add(_paths);
        command.Add(_feeds);
        command.Add(_keys);
        command.Add(_from);
        command.Add(_to);
        if (_by is not null)
            command.Add(_by);
        command.Add(_layouts);
    }

    /// <summary>Opens the captures.</summary>
    /// <exception cref="CommandException">A feed that is named is not known, or the times contradict each other.</exception>
    /// <exception cref="CaptureException">There is nothing to read.</exception>
    public CaptureReader Open(ParseResult arguments)
    {
        var catalog = arguments.GetCatalog(_layouts);
        var options = new CaptureReaderOptions
        {
            Catalog = catalog,
            From = _by is null ? arguments.GetValue(_from) : null,
            To = _by is null ? arguments.GetValue(_to) : null,
            TrIds = [.. (arguments.GetValue(_feeds) ?? []).Select(name => FeedNames.Find(catalog, name).TrId).Distinct(StringComparer.Ordinal)],
        };
        CaptureTimeOption.RefuseContradiction(arguments.GetValue(_from), arguments.GetValue(_to));
        if (_by is not null && arguments.GetResult(_by) is { Implicit: false } && Span(arguments) is { From: null, To: null })
            throw new CommandException($"{_by.Name} says which time --from and --to mean: give one of them");
        return CaptureReader.Open(arguments.GetRequiredValue(_paths), options);
    }

    /// <summary>The times of the records that are asked for, by the clock that --by says.</summary>
    public RecordSpan Span(ParseResult arguments) =>
        new() { From = arguments.GetValue(_from), To = arguments.GetValue(_to), By = _by is null ? CaptureClock.Receipt : arguments.GetChoice<CaptureClock>(_by) };

    /// <summary>The keys that are asked for; empty for all.</summary>
    public string[] Keys(ParseResult arguments) => arguments.GetValue(_keys) ?? [];

    /// <summary>The feeds that the captures may hold: those asked for, or those that the heads of files name.</summary>
    public static FeedSchema[] FeedsOf(CaptureReader reader) =>
        [.. TrIdsOf(reader).Select(trId => reader.Options.Catalog.TryFind(trId, out var feed) ? feed : null).OfType<FeedSchema>()];

    /// <summary>The TR IDs that are asked for, or those that the heads of files name.</summary>
    public static string[] TrIdsOf(CaptureReader reader) =>
        reader.Options.TrIds.Count > 0 ? [.. reader.Options.TrIds] : [.. reader.Files.Select(f => f.TrId).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static Option<CaptureTime?> Bound(string name, string description)
    {
        var option = new Option<CaptureTime?>(name) { Description = description, HelpName = "TIME" };
        option.CustomParser = result =>
        {
            if (CaptureTime.TryParse(result.Tokens[0].Value, out var time))
                return time;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid time. Use one such as 09:00, 2026-11-20, 2026-11-20T09:00 or 2026-11-20T00:00:00Z.");
            return null;
        };
        return option;
    }
}
