using System.Globalization;
using System.Text;

namespace KisFeed.Wire;

/// <summary>
/// Makes the text of a server safe for a terminal or a log. Such text may contain escape sequences, line breaks that fake a log line, or
/// characters that change the direction of text.
/// </summary>
public static class PrintableText
{
    /// <summary>
    /// Replaces each line break and tab by a blank, and each other non-printable character by U+FFFD: the control characters C0 and C1, the
    /// line separators, the format characters, which include those that change the direction of text, and unpaired surrogates.
    /// </summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Clean(text, keepsLines: false);
    }

    /// <summary>The same for text of several lines: keeps line ends (LF or CRLF).</summary>
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
            // An unpaired surrogate is enumerated as U+FFFD.
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

    // A single carriage return would make the rest overwrite the line.
    private static bool IsLineEnd(string text, int position) => text[position] == '\n' || text.AsSpan(position).StartsWith("\r\n");

    private static bool IsPrintable(Rune rune) => rune.IsAscii
        ? !Rune.IsControl(rune)
        : Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
