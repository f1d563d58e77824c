using System.Text;
using System.Text.RegularExpressions;
using KisFeed.Wire;

namespace KisFeed.Diagnostics;

/// <summary>
/// Removes secrets from a server's text: a server that repeats what it received or sent must not bring secrets into a log or an exception.
/// No nine consecutive characters of a known secret remain, however they are escaped. Text that looks like a secret is removed as well:
/// keys are long runs without blanks, account numbers have 8 or more digits. The result is <see cref="PrintableText"/>.
/// </summary>
internal sealed partial class SecretRedactor
{
    private const string Mask = "***";

    // A shorter identifier reveals nothing, and removing it would remove half the text.
    private const int MinSecretLength = 3;

    // Fewer characters of a key reveal nothing and may occur by chance.
    private const int MinPartLength = 9;

    // The limit for nested escapes: nobody reads a text that is escaped more often.
    private const int MaxLayers = 8;

    // The parts of the secrets by length; there are few different lengths.
    private readonly Dictionary<int, HashSet<string>> _parts = [];

    public SecretRedactor(params IEnumerable<string?> secrets)
    {
        foreach (var secret in secrets.OfType<string>().Where(s => s.Length >= MinSecretLength))
        {
            var length = Math.Min(secret.Length, MinPartLength);
            if (!_parts.TryGetValue(length, out var parts))
                _parts.Add(length, parts = new HashSet<string>(StringComparer.OrdinalIgnoreCase));
            for (var i = 0; i + length <= secret.Length; i++)
                parts.Add(secret.Substring(i, length));
        }
    }

    /// <summary>Returns a server's text without secrets, and without text that looks like one.</summary>
    public string Apply(string text) => PrintableText.Clean(Replace(Replace(text, MarkKnown), MarkLikely));

    /// <summary>Returns a text without known secrets only: for text that is partly our own and may contain long words.</summary>
    public string ApplyKnown(string text) => PrintableText.Clean(Replace(text, MarkKnown));

    /// <summary>
    /// Returns the exception as a cause, or <see langword="null"/> if <see cref="ApplyKnown"/> would change its message or that of an inner
    /// exception.
    /// </summary>
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
        for (var i = 0; i < MaxLayers && layer is not null; i++, layer = layer.Unescape())
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

    // Linear although it backtracks: the second form is tried only where fewer than 16 such characters follow each other.
    [GeneratedRegex("[A-Za-z0-9+/=_%-]{16,}|[0-9][0-9-]{6,}[0-9]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: -1)]
    private static partial Regex LikelySecret();
}
