namespace KisFeed.Tests.Feeds;

/// <summary>Reads a row according to RFC 4180, independently of the writer.</summary>
internal static class CsvRow
{
    public static List<string> Parse(string row)
    {
        var cells = new List<string>();
        var i = 0;
        while (true)
        {
            var cell = new StringBuilder();
            if (i < row.Length && row[i] == '"')
            {
                for (i++; row[i] != '"' || (i + 1 < row.Length && row[i + 1] == '"'); i++)
                {
                    cell.Append(row[i]);
                    if (row[i] == '"')
                        i++;
                }

                i++;
            }
            else
            {
                for (; i < row.Length && row[i] != ','; i++)
                {
                    "\"\r\n".ShouldNotContain(row[i].ToString(), Case.Sensitive, "an unquoted cell");
                    cell.Append(row[i]);
                }
            }

            cells.Add(cell.ToString());
            if (i == row.Length)
                return cells;
            row[i].ShouldBe(',');
            i++;
        }
    }
}

/// <summary>The frames published in the broker's documents.</summary>
internal static class Samples
{
    public static IReadOnlyList<string> All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "samples.txt")).Where(l => l.Length > 0 && l[0] != '#')];

    public static string Of(string trId) => All.First(l => l.StartsWith($"0|{trId}|", StringComparison.Ordinal));
}
