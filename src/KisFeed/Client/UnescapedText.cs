using System.Globalization;
using System.Net;
using System.Text;

namespace KisFeed;

/// <summary>
/// A text in which escapes are replaced by what they stand for, and where each character was in the text as it came: escapes of JSON (<c>\u002B</c>), of addresses (<c>%2B</c>) and of HTML
/// (<c>&amp;#43;</c>).
/// </summary>
/// <param name="text">The text.</param>
/// <param name="starts">Where each character began in the text as it came; and, at the end, the length of that.</param>
internal sealed class UnescapedText(string text, int[] starts)
{
    private const int LongestEntity = 12; // &CounterClock… and the like stand for no character of a secret.

    public string Text => text;

    /// <summary>Where a character of <see cref="Text"/> began in the text as it came; for its length, the length of that.</summary>
    public int StartOf(int index) => starts[index];

    public static UnescapedText Of(string text) => new(text, [.. Enumerable.Range(0, text.Length + 1)]);

    /// <summary>The text with one layer of escapes less; <see langword="null"/> where there is none.</summary>
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

    // Gives its length; 0 where there is none.
    private static int ReadEscape(ReadOnlySpan<char> text, out char meant)
    {
        meant = '\0';
        return text switch
        {
            ['\\', 'u' or 'U', _, _, _, _, ..] when TryReadHex(text.Slice(2, 4), out meant) => 6,
            ['\\', 'x' or 'X', _, _, ..] when TryReadHex(text.Slice(2, 2), out meant) => 4,
            ['\\', 'u' or 'U' or 'x' or 'X', ..] => 0,
            ['\\', var next, ..] when !char.IsAsciiLetterOrDigit(next) => Give(next, 2, out meant),
            ['%', _, _, ..] when TryReadHex(text.Slice(1, 2), out meant) => 3,
            ['&', ..] => ReadEntity(text, out meant),
            _ => 0,
        };
    }

    private static int Give(char character, int length, out char meant)
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
        return decoded.Length == 1 ? Give(decoded[0], entity.Length, out meant) : 0;
    }
}
