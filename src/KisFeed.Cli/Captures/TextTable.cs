using System.Globalization;
using System.Text;

namespace KisFeed.Cli.Captures;

/// <summary>Lines of cells in columns that are as wide as they have to be; two blanks apart.</summary>
/// <param name="columns">The columns: a minus sign before those whose numbers stand at the right.</param>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _lines = [];

    /// <summary>Adds a line; cells that are not given are empty.</summary>
    public void Add(params string[] cells) => _lines.Add(cells);

    /// <summary>Writes the table, headed by the names of its columns, two blanks in.</summary>
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

/// <summary>Numbers of things, in words: <c>1 gap</c>, <c>2,000 gaps</c>.</summary>
internal static class CountText
{
    /// <summary>So many of them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one is called.</param>
    /// <param name="several">What several are called; one with an s unless said otherwise.</param>
    public static string Of(long count, string one, string? several = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : several ?? $"{one}s")}");
}
