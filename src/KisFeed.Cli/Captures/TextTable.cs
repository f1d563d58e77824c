namespace KisFeed.Cli.Captures;

/// <summary>A text table with columns as wide as needed, two spaces apart.</summary>
/// <param name="columns">The column names. A leading minus sign right-aligns the column.</param>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _lines = [];

    /// <summary>Adds a row. Missing cells are empty.</summary>
    public void Add(params string[] cells) => _lines.Add(cells);

    /// <summary>Writes the header and the rows, indented by two spaces.</summary>
    public void WriteTo(StringBuilder text)
    {
        string[] names = [.. columns.Select(column => column.TrimStart('-'))];
        int[] widths = [.. names.Select((name, i) => _lines.Select(line => i < line.Length ? line[i].Length : 0).Append(name.Length).Max())];
        foreach (var line in _lines.Prepend(names))
        {
            var written = line.Select((cell, i) => columns[i].StartsWith('-') ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append("  ").Append(string.Join("  ", written).TrimEnd()).Append('\n');
        }
    }
}

/// <summary>Formats counts with their noun: <c>1 gap</c>, <c>2,000 gaps</c>.</summary>
internal static class CountText
{
    /// <summary>Formats a count.</summary>
    /// <param name="count">The count.</param>
    /// <param name="one">The singular.</param>
    /// <param name="several">The plural; by default the singular with an s.</param>
    public static string Of(long count, string one, string? several = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : several ?? $"{one}s")}");
}
