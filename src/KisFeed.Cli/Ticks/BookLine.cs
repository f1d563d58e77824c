using System.Collections.Immutable;

namespace KisFeed.Cli.Ticks;

/// <summary>A line of an order book below its best level.</summary>
/// <param name="Label">The label; empty for a level.</param>
/// <param name="Columns">The column of each cell; -1 for a blank one.</param>
internal sealed record BookLine(string Label, ImmutableArray<int> Columns)
{
    private const string TotalLabel = "합계 Total";

    /// <summary>
    /// Finds the other levels by the names of the best level's columns, which end with 1, and the totals of its quantities.
    /// </summary>
    public static ImmutableArray<BookLine> Below(FeedSchema feed, ImmutableArray<string> best)
    {
        var lines = ImmutableArray.CreateBuilder<BookLine>();
        for (var level = 2; ; level++)
        {
            var columns = Find(name => $"{name[..^1]}{level}");
            if (columns.Contains(-1))
                break;
            lines.Add(new BookLine("", columns));
        }

        var totals = Find(name => $"Total{name[..^1]}");
        if (totals.Any(column => column >= 0))
            lines.Add(new BookLine(TotalLabel, totals));
        return lines.ToImmutable();

        ImmutableArray<int> Find(Func<string, string> nameOf) =>
            [.. best.Select(name => feed.Columns.ToList().FindIndex(c => c.Name == nameOf(name)))];
    }
}
