using System.Globalization;
using System.Net;
using System.Text;

namespace KisFeed.Diagnostics;

/// <summary>
/// A text with escapes replaced by the characters they represent, together with each character's position in the original: escapes of JSON
/// (<c>\u002B</c>), URLs (<c>%2B</c>) and HTML (<c>&amp;#43;</c>).
/// </summary>
/// <param name="text">The unescaped text.</param>
/// <param name="starts">The position of each character in the original; the last element is the length of the original.</param>
internal sealed class UnescapedText(string text, int[] starts)
{
    private const int LongestEntity = 12; // Longer ones, such as &CounterClock…, do not represent a character of a secret.

    public string Text => text;

    /// <summary>The position in the original of a character of <see cref="Text"/>; for its length, the length of the original.</summary>
    public int StartOf(int index) => starts[index];

    public static UnescapedText Of(string text) => new(text, [.. Enumerable.Range(0, text.Length + 1)]);

    /// <summary>Removes one layer of escapes; returns <see langword="null"/> if there is none.</summary>
    public UnescapedText? Unescape()
    {
        if (text.AsSpan().IndexOfAny('\\', '%', '&') < 0)
            return null;
        var plain = new StringBuilder(text.Length);
        List<int> from = [];
        for (var i = 0; i < text.Length;)
        {
            var length = ReadEscape(text.AsSpan(i), out var meant);
            from.Add(starts[i]);
            plain.Append(length > 0 ? meant : text[i]);
            i += Math.Max(length, 1);
        }

        from.Add(starts[^1]);
        return plain.Length == text.Length ? null : new UnescapedText(plain.ToString(), [.. from]);
    }

    // Returns the length of the escape; 0 if there is none.
    private static int ReadEscape(ReadOnlySpan<char> text, out char meant)
    {
        meant = '\0';
        return text switch
        {
            ['\\', 'u' or 'U', _, _, _, _, ..] when TryReadHex(text.Slice(2, 4), out meant) => 6,
            ['\\', 'x' or 'X', _, _, ..] when TryReadHex(text.Slice(2, 2), out meant) => 4,
            ['\\', 'u' or 'U' or 'x' or 'X', ..] => 0,
            ['\\', var next, ..] when !char.IsAsciiLetterOrDigit(next) => Matched(next, 2, out meant),
            ['%', _, _, ..] when TryReadHex(text.Slice(1, 2), out meant) => 3,
            ['&', ..] => ReadEntity(text, out meant),
            _ => 0,
        };
    }

    private static int Matched(char character, int length, out char meant)
    {
        meant = character;
        return length;
    }

    private static bool TryReadHex(ReadOnlySpan<char> digits, out char meant)
    {
        var isHex = ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code);
        meant = (char)code;
        return isHex;
    }

    private static int ReadEntity(ReadOnlySpan<char> text, out char meant)
    {
        meant = '\0';
        var end = text[..Math.Min(text.Length, LongestEntity)].IndexOf(';');
        if (end < 2)
            return 0;
        var entity = text[..(end + 1)];
        var decoded = entity switch
        {
            "&plus;" => "+",
            "&equals;" => "=",
            "&sol;" => "/",
            "&percnt;" => "%",
            "&bsol;" => "\\",
            _ => WebUtility.HtmlDecode(entity.ToString()),
        };
        return decoded.Length == 1 ? Matched(decoded[0], entity.Length, out meant) : 0;
    }
}
