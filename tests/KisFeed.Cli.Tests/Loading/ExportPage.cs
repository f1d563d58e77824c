using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>The programs of docs/export.md, which are tested as shown on the page.</summary>
internal static partial class ExportPage
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "export.md"));

    /// <summary>Compares the volume of all trades with the growth of the cumulative volume, by key.</summary>
    public static string VolumeQuery { get; } = Block("sql");

    /// <summary>The same comparison in Python.</summary>
    public static string VolumeProgram { get; } = Block("python");

    private static string Block(string language) =>
        Blocks().Matches(s_page).First(match => match.Groups["language"].Value == language).Groups["text"].Value;

    [GeneratedRegex(
        "```(?<language>[a-z]+)\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Blocks();
}
