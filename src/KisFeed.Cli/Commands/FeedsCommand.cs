using System.Collections.Immutable;
using System.Text.Json;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed feeds</c>: lists the feeds, or the columns of one feed.</summary>
internal sealed class FeedsCommand : KisFeedCommand
{
    private readonly Argument<string?> _feed = new("FEED")
    {
        Description = "A TR ID or an alias, case-insensitive: show the columns of this feed. Any other text: list the feeds with it in "
            + "their Korean or English name.",
        HelpName = "TR_ID|TEXT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly FormatOption<(CommandHost Host, NameStyle Names), FeedSelection> _format = new(
        "A table; JSON; or SQL, the PostgreSQL table for the CSV of 'kisfeed export'.",
        ("table", context => new PlainOutput<FeedSelection>(context.Host.Output, (text, feeds) => WriteTable(context.Host, text, feeds))),
        ("json", context => new JsonDocumentOutput<FeedSelection>(context.Host.Output, WriteJson)),
        ("sql", context => new PlainOutput<FeedSelection>(
            context.Host.Output,
            (text, feeds) => text.Write(string.Join('\n', feeds.Feeds.Select(feed => FeedSql.Write(feed, context.Names)))))));

    private readonly Option<string> _names = CommonOptions.Choice(
        "--names", "The column names in SQL: English, or as in the broker's documents.", NameStyle.English);
    private readonly Option<string?> _layouts = CommonOptions.Layouts();

    public FeedsCommand(CommandHost host)
        : base(host, "feeds", "List the feeds by market, find some by name, or show the columns of one: element, Korean name, "
            + "English name, type, unit, role, codes.")
    {
        _feed.RefuseOptions();
        _feed.CompletionSources.CompleteFeeds("");
        this.AddAll(_feed, _format, _names, _layouts);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed feeds", "all feeds"),
        ("kisfeed feeds 호가", "the feeds with this in their Korean or English name: order books"),
        ("kisfeed feeds H0UPCNT0", "one feed's columns; 'kisfeed feeds index' is the same"),
        ("kisfeed feeds bond --format json", "the same for programs"),
        ("kisfeed feeds H0UPCNT0 --format sql | psql market", "a table for the output of 'kisfeed export --feed H0UPCNT0'"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var catalog = arguments.GetCatalog(_layouts);
        await using var output = _format.Open(arguments, (Host, arguments.GetChoice<NameStyle>(_names)));
        output.Write(Select(catalog, arguments.GetValue(_feed)));
        await output.FlushAsync(cancellationToken);
        return ExitCode.Success;
    }

    // One feed if it is named; otherwise the list of those that were looked for.
    private static FeedSelection Select(FeedCatalog catalog, string? name)
    {
        if (name is null)
            return new FeedSelection(null, catalog.Feeds);
        if (catalog.TryFind(name, out var feed))
            return new FeedSelection(feed, [feed]);
        var found = catalog.Search(name);
        return found.IsEmpty ? throw FeedNames.NotFound(name) : new FeedSelection(null, found);
    }

    private static void WriteJson(Utf8JsonWriter json, FeedSelection selected)
    {
        if (selected.Feed is { } feed)
            FeedJson.Write(json, feed);
        else
            FeedJson.Write(json, selected.Feeds);
    }

    private static void WriteTable(CommandHost host, TextWriter text, FeedSelection selected)
    {
        if (selected.Feed is { } feed)
            text.WriteLine($"{feed.TrId}  {feed.Korean}".TrimEnd());
        var table = selected.Feed is { } one
            ? FeedTables.Draw(one)
            : FeedTables.Draw(selected.Feeds, host.OutputIsTerminal ? host.TerminalSize().Columns : int.MaxValue);
        table.WriteTo(text, host);
    }

    private sealed record FeedSelection(FeedSchema? Feed, ImmutableArray<FeedSchema> Feeds);
}
