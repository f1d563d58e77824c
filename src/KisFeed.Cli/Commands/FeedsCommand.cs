using System.Collections.Immutable;

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

    private readonly Option<string> _format = CommonOptions.Format(
        "A table; JSON; or SQL, the PostgreSQL table for the CSV of 'kisfeed export'.", "table", "json", "sql");

    private readonly ChoiceOption<NameStyle> _names = new(
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
        var (one, feeds) = Select(arguments.GetCatalog(_layouts), arguments.GetValue(_feed));
        await Host.WriteAsync(
            arguments.GetValue(_format) switch
            {
                "json" => JsonOf(one, feeds),
                "sql" => string.Join('\n', feeds.Select(feed => FeedSql.Write(feed, _names.Read(arguments)))),
                _ => TableOf(one, feeds),
            },
            cancellationToken);
        return ExitCode.Success;
    }

    // One feed if it is named; otherwise the list of those that were looked for.
    private static (FeedSchema? One, ImmutableArray<FeedSchema> Feeds) Select(FeedCatalog catalog, string? name)
    {
        if (name is null)
            return (null, catalog.Feeds);
        if (catalog.TryFind(name, out var feed))
            return (feed, [feed]);
        var found = catalog.Search(name);
        return found.IsEmpty ? throw FeedNames.NotFound(name) : (null, found);
    }

    private static string JsonOf(FeedSchema? one, ImmutableArray<FeedSchema> feeds) => Json.Document(json =>
    {
        if (one is not null)
            FeedJson.Write(json, one);
        else
            FeedJson.Write(json, feeds);
    });

    private string TableOf(FeedSchema? one, ImmutableArray<FeedSchema> feeds)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        if (one is not null)
            text.WriteLine($"{one.TrId}  {one.Korean}".TrimEnd());
        var table = one is not null
            ? FeedTables.Draw(one)
            : FeedTables.Draw(feeds, Host.OutputIsTerminal ? Host.TerminalSize().Columns : int.MaxValue);
        table.WriteTo(text, Host);
        return text.ToString();
    }
}
