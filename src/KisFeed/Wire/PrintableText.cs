using System.Globalization;
using System.Text;

namespace KisFeed.Wire;

/// <summary>
/// Text of a server as a terminal or a log may have it. A server's text may hold what a terminal obeys (escape sequences), what begins a line that the program did not write, or what changes
/// the order in which letters are shown.
/// </summary>
public static class PrintableText
{
    /// <summary>
    /// The text with each line break and tab replaced by a blank, and each other character that is not shown by itself by U+FFFD: the control characters C0 and C1, the line separators, the
    /// format characters, which those that change the direction of writing belong to, and halves of surrogate pairs.
    /// </summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Clean(text, keepsLines: false);
    }

    /// <summary>The same, with line ends (LF or CRLF) as they are, for text of several lines.</summary>
    public static string CleanLines(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Clean(text, keepsLines: true);
    }

    private static string Clean(string text, bool keepsLines)
    {
        StringBuilder? clean = null;
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // Half of a pair is enumerated as U+FFFD.
            var length = rune == Rune.ReplacementChar ? 1 : rune.Utf16SequenceLength;
            if (!IsPrintable(rune) || char.IsSurrogate(text[position]) && length == 1)
            {
                if (!keepsLines || !IsLineEnd(text, position))
                {
                    clean ??= new StringBuilder(text, 0, position, text.Length);
                    clean.Append(Rune.IsWhiteSpace(rune) ? ' ' : '\uFFFD');
                    position += length;
                    continue;
                }
            }

            clean?.Append(text, position, length);
            position += length;
        }

        return clean?.ToString() ?? text;
    }

    // A carriage return by itself has the rest written over the line.
    private static bool IsLineEnd(string text, int position) => text[position] == '\n' || text.AsSpan(position).StartsWith("\r\n");

    private static bool IsPrintable(Rune rune) => rune.IsAscii
        ? !Rune.IsControl(rune)
        : Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
