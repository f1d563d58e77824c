using System.Text;
using System.Text.RegularExpressions;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Takes secrets out of what a server says: one that repeats what it was sent, or what it has sent, must not bring it into a log or an exception. No nine characters in a row of a known secret
/// remain, however they are escaped. Besides the secrets that are known it takes out what looks like one: keys are long runs without a blank, account numbers are 8 digits and more. What is
/// left is <see cref="PrintableText"/>.
/// </summary>
internal sealed partial class SecretRedactor
{
    private const string Mask = "***";

    // An identifier this short says nothing, and without it half the text would be gone.
    private const int ShortestSecret = 3;

    // Fewer characters of a key say nothing, and may be there by chance.
    private const int ShortestPart = 9;

    // Escapes in escapes in escapes: a server that goes further than this is not read by anybody.
    private const int MostLayers = 8;

    // The parts of the secrets by their length, of which there are few.
    private readonly Dictionary<int, HashSet<string>> _parts = [];

    public SecretRedactor(params IEnumerable<string?> secrets)
    {
        foreach (var secret in secrets.OfType<string>().Where(s => s.Length >= ShortestSecret))
        {
            var length = Math.Min(secret.Length, ShortestPart);
            if (!_parts.TryGetValue(length, out var parts))
                _parts.Add(length, parts = new HashSet<string>(StringComparer.OrdinalIgnoreCase));
            for (var i = 0; i + length <= secret.Length; i++)
                parts.Add(secret.Substring(i, length));
        }
    }

    /// <summary>The text of a server without secrets, and without what looks like one.</summary>
    public string Apply(string text) => PrintableText.Clean(Replace(Replace(text, MarkKnown), MarkLikely));

    /// <summary>A text without the secrets that are known: for one that is not a server's alone, where long words are our own.</summary>
    public string ApplyKnown(string text) => PrintableText.Clean(Replace(text, MarkKnown));

    /// <summary>An exception as the cause of another: <see langword="null"/> where a message of it, or of one that caused it, would be changed by <see cref="ApplyKnown"/>.</summary>
    public Exception? CauseOf(Exception? error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (ApplyKnown(e.Message) != e.Message)
                return null;
        }

        return error;
    }

    private static string Replace(string text, Action<UnescapedText, bool[]> mark)
    {
        var marks = new bool[text.Length];
        var layer = UnescapedText.Of(text);
        for (var i = 0; i < MostLayers && layer is not null; i++, layer = layer.Unescape())
            mark(layer, marks);
        if (Array.IndexOf(marks, true) < 0)
            return text;
        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (!marks[i])
                output.Append(text[i]);
            else if (i == 0 || !marks[i - 1])
                output.Append(Mask);
        }

        return output.ToString();
    }

    private void MarkKnown(UnescapedText layer, bool[] marks)
    {
        foreach (var (length, parts) in _parts)
        {
            var known = parts.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var i = 0; i + length <= layer.Text.Length; i++)
            {
                if (known.Contains(layer.Text.AsSpan(i, length)))
                    MarkRange(layer, marks, i, length);
            }
        }
    }

    private static void MarkLikely(UnescapedText layer, bool[] marks)
    {
        foreach (var match in LikelySecret().EnumerateMatches(layer.Text))
            MarkRange(layer, marks, match.Index, match.Length);
    }

    private static void MarkRange(UnescapedText layer, bool[] marks, int index, int length) =>
        marks.AsSpan(layer.StartOf(index)..layer.StartOf(index + length)).Fill(true);

    [GeneratedRegex(@"[A-Za-z0-9+/=_%-]{16,}|[0-9][0-9-]{6,}[0-9]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LikelySecret();
}
