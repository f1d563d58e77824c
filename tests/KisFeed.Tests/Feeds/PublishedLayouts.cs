using FsCheck.Fluent;

namespace KisFeed.Tests.Feeds;

/// <summary>The layouts in the broker's documents.</summary>
internal static class PublishedLayouts
{
    public static IReadOnlyList<(string TrId, IReadOnlyList<(string Element, string Korean)> Columns)> All { get; } = Read();

    private static List<(string TrId, IReadOnlyList<(string Element, string Korean)> Columns)> Read()
    {
        var layouts = new List<(string TrId, IReadOnlyList<(string Element, string Korean)> Columns)>();
        var columns = new List<(string Element, string Korean)>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "layouts.txt"))
            .Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                columns = [];
                layouts.Add((line.Split(' ')[1], columns));
                continue;
            }

            var parts = line.Split('|', 2);
            columns.Add((parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : ""));
        }

        return layouts;
    }
}
