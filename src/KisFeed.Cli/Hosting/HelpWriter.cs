using Spectre.Console;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Writes help in the layout of System.CommandLine. Its own help counts characters, so that Korean, of two cells a character, would not fit
/// the terminal.
/// </summary>
/// <param name="output">Where to write.</param>
/// <param name="maxWidth">The width of the terminal in cells, or <see cref="int.MaxValue"/> for lines of any length.</param>
internal sealed class HelpWriter(TextWriter output, int maxWidth)
{
    private const string Indent = "  ";

    /// <summary>Writes a heading, with a text below it.</summary>
    public void WriteText(string heading, string text)
    {
        output.WriteLine(heading);
        foreach (var line in Wrap(text, maxWidth - Indent.Length))
            output.WriteLine(Indent + line);
        output.WriteLine();
    }

    /// <summary>Writes a heading with rows of two columns below it; nothing if there are none.</summary>
    public void WriteRows(string heading, IReadOnlyCollection<(string Name, string Description)> rows)
    {
        if (rows.Count == 0)
            return;
        output.WriteLine(heading);
        var nameWidth = rows.Max(row => row.Name.GetCellWidth());
        var descriptionWidth = rows.Max(row => row.Description.GetCellWidth());
        if (nameWidth + descriptionWidth + (2 * Indent.Length) > maxWidth)
        {
            var maxNameWidth = (maxWidth / 2) - Indent.Length;
            if (nameWidth > maxNameWidth)
                nameWidth = rows.SelectMany(row => Wrap(row.Name, maxNameWidth)).Max(line => line.GetCellWidth());
            descriptionWidth = maxWidth - nameWidth - (2 * Indent.Length);
        }

        foreach (var (name, description) in rows)
            WriteRow([.. Wrap(name, nameWidth)], [.. Wrap(description, descriptionWidth)], nameWidth);
        output.WriteLine();
    }

    private void WriteRow(string[] name, string[] description, int nameWidth)
    {
        for (var i = 0; i < Math.Max(name.Length, description.Length); i++)
        {
            var first = i < name.Length ? name[i] : "";
            var second = i < description.Length ? description[i] : "";
            output.WriteLine(string.IsNullOrWhiteSpace(second)
                ? Indent + first
                : $"{Indent}{first}{new string(' ', Math.Max(0, nameWidth - first.GetCellWidth()))}{Indent}{second}");
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        if (string.IsNullOrWhiteSpace(text))
            yield break;
        foreach (var line in text.Split('\n'))
        {
            if (line.GetCellWidth() <= width)
            {
                yield return line;
                continue;
            }
            for (var rest = line; rest.Length > 0;)
            {
                var length = LengthOfLine(rest, width);
                yield return rest[..length];
                // A space after a word of the whole width begins no line.
                var next = rest.AsSpan(length).StartsWith(' ') && rest[length - 1] != ' ' ? length + 1 : length;
                rest = rest[next..];
            }
        }
    }

    // Ends after the last space that fits; without any, where the width ends.
    private static int LengthOfLine(string text, int width)
    {
        if (text.GetCellWidth() < width)
            return text.Length;
        var (length, cells, spaceEnd) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            cells += rune.ToString().GetCellWidth();
            if (cells > width)
                break;
            length += rune.Utf16SequenceLength;
            if (Rune.IsWhiteSpace(rune))
                spaceEnd = length;
        }

        return spaceEnd > 0 ? spaceEnd : Math.Max(1, length);
    }
}
