using System.Text.RegularExpressions;

namespace KisFeed;

/// <summary>
/// Takes secrets out of what a server says: one that repeats what it was sent, or what it has sent, must not bring it into a log or an exception.
/// Besides the secrets that are known it takes out what looks like one: keys are long runs without a blank, account numbers are 8 digits and more.
/// </summary>
internal sealed partial class SecretMask(params IEnumerable<string?> secrets)
{
    private const string Mask = "***";

    // An identifier this short says nothing, and without it half the text would be gone.
    private const int ShortestSecret = 3;

    // Longest first: one may be part of another.
    private readonly string[] _secrets = [.. secrets.OfType<string>().Where(s => s.Length >= ShortestSecret).OrderByDescending(s => s.Length)];

    public string Apply(string text)
    {
        foreach (var secret in _secrets)
            text = text.Replace(secret, Mask, StringComparison.OrdinalIgnoreCase);
        return LikelySecret().Replace(text, Mask);
    }

    [GeneratedRegex(@"[A-Za-z0-9+/=_%-]{16,}|[0-9][0-9-]{6,}[0-9]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LikelySecret();
}
