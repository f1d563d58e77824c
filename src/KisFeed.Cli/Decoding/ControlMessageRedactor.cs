using System.Text.RegularExpressions;

namespace KisFeed.Cli.Decoding;

/// <summary>Hides secrets in the text of a control message that could not be read: JSON, cut off anywhere, or a Python dictionary.</summary>
internal static class ControlMessageRedactor
{
    private static readonly Regex s_secrets = new(
        """(?<name>["'](?:key|iv|approval_key|appkey|appsecret|secretkey|personalseckey|access_token)["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^"',}\]\s]+)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking,
        Timeout.InfiniteTimeSpan);

    public static string Mask(string text) => s_secrets.Replace(text, "${name}\"***\"");
}
