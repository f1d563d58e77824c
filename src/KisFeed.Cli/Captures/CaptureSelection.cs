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
    private readonly Option<CaptureTime?> _from = Bound("--from", "From this time of receipt on: a time of day in Korea (09:00), a date, or a date and time (2026-11-20T09:00, 2026-11-20T00:00Z).");
    private readonly Option<CaptureTime?> _to = Bound("--to", "Until before this time of receipt, in the same forms.");
    private readonly Option<string?> _layouts = CommonOptions.Layouts();

    public void AddTo(Command verb)
    {
        _paths.RefuseOptions();
        _feeds.CompletionSources.CompleteFeeds("");
        verb.Add(_paths);
        verb.Add(_feeds);
        verb.Add(_keys);
        verb.Add(_from);
        verb.Add(_to);
        verb.Add(_layouts);
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
            From = arguments.GetValue(_from),
            To = arguments.GetValue(_to),
            TrIds = [.. (arguments.GetValue(_feeds) ?? []).Select(name => FeedNames.Find(catalog, name).TrId).Distinct(StringComparer.Ordinal)],
        };
        CaptureTimeOption.RefuseContradiction(options.From, options.To);
        return CaptureReader.Open(arguments.GetRequiredValue(_paths), options);
    }

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
            result.AddError($"'{result.Tokens[0].Value}' is no time: one such as 09:00, 2026-11-20, 2026-11-20T09:00 or 2026-11-20T00:00:00Z is expected.");
            return null;
        };
        return option;
    }
}
