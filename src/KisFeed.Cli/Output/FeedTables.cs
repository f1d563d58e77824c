using System.Collections.Immutable;
using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Output;

/// <summary>Draws feeds and their columns as tables.</summary>
internal static class FeedTables
{
    private const int CellPadding = 1;

    // Of the list of feeds: example, key, columns, market.
    private static readonly int[] s_leastNeeded = [3, 6, 5, 0];

    /// <summary>
    /// Draws feeds by market. On a narrow terminal the columns are left out that <c>kisfeed feeds FEED</c> shows too, and the market.
    /// </summary>
    public static TextTable Draw(ImmutableArray<FeedSchema> feeds, int maxWidth)
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

        var table = TextTable.AtMargin([.. shown.Select(column => rows[0][column])], hasLine: true);
        foreach (var row in rows[1..])
            table.Add([.. shown.Select(column => row[column])]);
        return table;
    }

    /// <summary>Draws the columns of one feed; columns from layouts come last.</summary>
    public static TextTable Draw(FeedSchema feed)
    {
        var table = TextTable.AtMargin(["-#", "Element", "Korean", "English", "Type", "Unit", "Role", "Codes"], hasLine: true);
        foreach (var (number, column) in feed.PresentColumns.Index())
            Add(table, $"{number + 1}", feed.Columns[column]);
        foreach (var layout in feed.Layouts)
        {
            for (var i = 0; i < layout.ExtraColumns.Length; i++)
                Add(table, $"{layout.PositionOfExtra(i) + 1}/{layout.Width}", layout.ExtraColumns[i]);
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

    private static void Add(TextTable table, string number, Column column) => table.Add(
        number,
        column.Element,
        column.Korean,
        column.JsonName,
        column.Type.ToString().ToLowerInvariant(),
        column.Unit ?? "",
        FeedJson.NameOf(column.Role) ?? "",
        string.Join(", ", column.Codes.Select(c => $"{c.Key} {c.Value.JsonName} {c.Value.Korean}")));
}
