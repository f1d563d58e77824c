namespace KisFeed.Cli.Captures;

/// <summary>Keys as reports show them: HTS IDs, the keys of order notices, not in full.</summary>
internal static class ReportKeyText
{
    private const int Shown = 2;

    public static string Of(bool isNotice, string key) => isNotice ? $"{key[..Math.Min(Shown, key.Length / 2)]}***" : key;
}
