namespace KisFeed.Hosting;

/// <summary>The path of the file in the format of the official samples.</summary>
/// <param name="Path">The path.</param>
/// <param name="Name">The path in messages, with <c>~</c> for the home folder.</param>
/// <param name="NamedBy">The setting that names the file, which must then exist; <see langword="null"/> for the default location.</param>
internal sealed record OfficialFilePath(string Path, string Name, string? NamedBy)
{
    private const string Nowhere = "none";

    /// <summary>Finds the file, if there is one.</summary>
    public static OfficialFilePath? Find(KisFeedSources sources)
    {
        if (!string.IsNullOrWhiteSpace(sources.File))
        {
            return new OfficialFilePath(
                sources.File, Shorten(sources.File, sources.HomeFolder), $"{nameof(KisFeedSources)}.{nameof(KisFeedSources.File)}");
        }
        if (sources.Variable(KisFeedVariables.File) is { } named && !string.IsNullOrWhiteSpace(named))
            return named == Nowhere ? null : new OfficialFilePath(named, Shorten(named, sources.HomeFolder), KisFeedVariables.File);
        if (string.IsNullOrWhiteSpace(sources.HomeFolder))
            return null;
        var usual = System.IO.Path.Combine(sources.HomeFolder, "KIS", "config", "kis_devlp.yaml");
        return new OfficialFilePath(usual, Shorten(usual, sources.HomeFolder), null);
    }

    private static string Shorten(string path, string? home) =>
        !string.IsNullOrWhiteSpace(home) && path.StartsWith(home + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? "~" + path[home.Length..].Replace('\\', '/')
            : path;
}
