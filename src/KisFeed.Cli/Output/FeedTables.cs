using System.Collections.Immutable;
using System.Text.Json;
using KisFeed.Cli.Hosting;
using KisFeed.Output;
using KisFeed.Wire;
using Spectre.Console;

namespace KisFeed.Cli.Output;

/// <summary>Draws feeds and their columns as tables.</summary>
internal static class FeedTables
{
    /// <summary>Draws feeds by market.</summary>
    public static Table Draw(ImmutableArray<FeedSchema> feeds)
    {
        var table = Create("Market", "TR ID", "Alias", "Example", "Title", "Columns", "Key");
        foreach (var feed in feeds.OrderBy(f => f.Market == FeedMarket.Other).ThenBy(f => f.Market))
        {
            table.AddRow(
                new Text(JsonName.Of(feed.Market)),
                new Text(feed.TrId),
                new Text(feed.Alias),
                new Text(feed.KeyExample.Length == 0 ? "" : $"{FeedNames.NameOf(feed)}:{feed.KeyExample}"),
                new Text(feed.Korean),
                new Text(string.Join(", ", feed.Layouts.Select(l => l.Width))),
                new Text(feed.KeyMeaning));
        }

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

    private static Table Create(params ReadOnlySpan<string> headers)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
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
        new Text(string.Join(", ", column.Codes.Select(c => $"{c.Key} {JsonNamingPolicy.CamelCase.ConvertName(c.Value)}"))));
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
