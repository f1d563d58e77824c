using System.Collections.Immutable;
using KisFeed.Cli.Ticks;
using Spectre.Console;

namespace KisFeed.Cli.Output;

/// <summary>Draws feeds and their columns as tables.</summary>
internal static class FeedTables
{
    private const int CellPadding = 1;

    // Of the list of feeds: example, key, columns, market.
    private static readonly int[] s_leastNeeded = [3, 6, 5, 0];

    /// <summary>Draws feeds by market. On a narrow terminal the columns are left out that <c>kisfeed feeds FEED</c> shows too, and the market.</summary>
    /// <param name="feeds">The feeds.</param>
    /// <param name="maxWidth">The width of the terminal.</param>
    public static Table Draw(ImmutableArray<FeedSchema> feeds, int maxWidth)
    {
        string[][] rows =
        [
            ["Market", "TR ID", "Alias", "Example", "Title", "Columns", "Key"],
            .. feeds.OrderBy(f => f.Market == FeedMarket.Other).ThenBy(f => f.Market).Select(RowOf),
        ];
        int[] widths = [.. rows[0].Select((_, column) => 1 + CellPadding + rows.Max(row => CellWidth.Of(row[column])))];
        List<int> shown = [.. Enumerable.Range(0, widths.Length)];
        foreach (var column in s_leastNeeded)
        {
            if (shown.Sum(c => widths[c]) <= maxWidth)
                break;
            shown.Remove(column);
        }

        var table = Create([.. shown.Select(column => rows[0][column])]);
        foreach (var row in rows[1..])
            table.AddRow(shown.Select(column => new Text(row[column])));
        return table;
    }

    /// <summary>Draws the columns of one feed; columns from layouts come last.</summary>
    public static Table Draw(FeedSchema feed)
    {
        var table = Create("#", "Element", "Korean", "English", "Type", "Unit", "Role", "Codes");
        table.Columns[0].RightAligned();
        foreach (var (number, column) in feed.PresentColumns.Index())
            AddRow(table, $"{number + 1}", feed.Columns[column]);
        foreach (var layout in feed.Layouts)
        {
            for (var i = 0; i < layout.ExtraColumns.Length; i++)
                AddRow(table, $"{layout.PositionOfExtra(i) + 1}/{layout.Width}", layout.ExtraColumns[i]);
        }

        return table;
    }

    private static string[] RowOf(FeedSchema feed) =>
    [
        JsonName.Of(feed.Market),
        feed.TrId,
        feed.Alias,
        feed.KeyExample.Length == 0 ? "" : $"{FeedNames.NameOf(feed)}:{feed.KeyExample}",
        feed.Korean,
        string.Join(", ", feed.Layouts.Select(l => l.Width)),
        feed.KeyMeaning,
    ];

    private static Table Create(params ReadOnlySpan<string> headers)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, CellPadding, 0) });
        }

        return table;
    }

    private static void AddRow(Table table, string number, Column column) => table.AddRow(
        new Text(number),
        new Text(column.Element),
        new Text(column.Korean),
        new Text(column.JsonName),
        new Text(column.Type.ToString().ToLowerInvariant()),
        new Text(column.Unit ?? ""),
        new Text(FeedJson.NameOf(column.Role) ?? ""),
        new Text(string.Join(", ", column.Codes.Select(c => $"{c.Key} {c.Value.JsonName} {c.Value.Korean}"))));
}

/// <summary>Creates consoles: on a terminal as wide as the terminal, elsewhere as wide as the content and without colours and control codes.</summary>
internal static class ConsoleFactory
{
    private const int UnlimitedWidth = 1000;

    public static IAnsiConsole Create(CommandHost host, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = host.OutputIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = host.UsesColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!host.OutputIsTerminal)
            console.Profile.Width = UnlimitedWidth;
        return console;
    }
}
