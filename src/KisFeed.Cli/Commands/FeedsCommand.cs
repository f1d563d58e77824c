using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed feeds</c>: lists the feeds, or the columns of one feed.</summary>
internal sealed class FeedsCommand : KisFeedCommand
{
    // Wider than any table of columns. A narrower terminal wraps the lines, which stay readable and searchable; squeezed columns would not.
    private const int Width = 1000;

    private readonly Argument<string?> _feed = new("FEED")
    {
        Description = "A TR ID or an alias, case-insensitive: show the columns of this feed. Any other text: list the feeds with it in their Korean or English name.",
        HelpName = "TR_ID|TEXT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _format = CommonOptions.Choice("--format", "A table; JSON; or SQL, the PostgreSQL table for the CSV of 'kisfeed export'.", TableFormat.Table);
    private readonly Option<string> _names = CommonOptions.Choice("--names", "The column names in SQL: English, or as in the broker's documents.", NameStyle.English);
    private readonly Option<string?> _layouts = CommonOptions.Layouts();

    public FeedsCommand(CommandHost host)
        : base(host, "feeds", "List the feeds by market, find some by name, or show the columns of one: element, Korean name, English name, type, unit, role, codes.")
    {
        _feed.RefuseOptions();
        _feed.CompletionSources.CompleteFeeds("");
        Add(_feed);
        Add(_format);
        Add(_names);
        Add(_layouts);
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
        var (feed, feeds) = Select(catalog, arguments.GetValue(_feed));
        await (arguments.GetChoice<TableFormat>(_format) switch
        {
            TableFormat.Json => WriteJsonAsync(feed, feeds, cancellationToken),
            TableFormat.Sql => WriteSqlAsync(feeds, arguments.GetChoice<NameStyle>(_names)),
            _ => WriteTableAsync(feed, feeds),
        });
        return ExitCode.Success;
    }

    // One feed if it is named; otherwise the list of those that were looked for.
    private static (FeedSchema? Feed, ImmutableArray<FeedSchema> Feeds) Select(FeedCatalog catalog, string? name)
    {
        if (name is null)
            return (null, catalog.Feeds);
        if (catalog.TryFind(name, out var feed))
            return (feed, [feed]);
        var found = catalog.Search(name);
        return found.IsEmpty ? throw FeedNames.NotFound(name) : (null, found);
    }

    private async Task WriteJsonAsync(FeedSchema? feed, ImmutableArray<FeedSchema> feeds, CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(text, RecordJson.WriterOptions with { Indented = true }))
        {
            if (feed is null)
                FeedJson.Write(json, feeds);
            else
                FeedJson.Write(json, feed);
        }

        text.Write("\n"u8);
        await Host.Output.WriteAsync(text.WrittenMemory, cancellationToken);
    }

    private async Task WriteSqlAsync(IEnumerable<FeedSchema> feeds, NameStyle names)
    {
        await using var output = Host.OpenText();
        await output.WriteAsync(string.Join('\n', feeds.Select(feed => FeedSql.Write(feed, names))));
    }

    private async Task WriteTableAsync(FeedSchema? feed, ImmutableArray<FeedSchema> feeds)
    {
        var table = feed is null ? FeedTables.Draw(feeds, Host.OutputIsTerminal ? Host.TerminalSize().Columns : int.MaxValue) : FeedTables.Draw(feed);
        using var drawn = new StringWriter();
        var console = ConsoleFactory.Create(Host, drawn);
        console.Profile.Width = Width;
        console.Write(table);
        await using var output = Host.OpenText();
        if (feed is not null)
            await output.WriteLineAsync($"{feed.TrId}  {feed.Korean}".TrimEnd());
        foreach (var line in drawn.ToString().TrimEnd().Split('\n'))
            await output.WriteLineAsync(line.TrimEnd());
    }
}
