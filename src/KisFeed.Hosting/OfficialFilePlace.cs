namespace KisFeed.Hosting;

/// <summary>The location of the file in the format of the official samples.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Name">The path in messages, with <c>~</c> for the home folder.</param>
/// <param name="NamedBy">The setting that names the file, which must then exist; <see langword="null"/> for the default location.</param>
internal sealed record OfficialFilePlace(string Path, string Name, string? NamedBy)
{
    private const string Nowhere = "none";

    /// <summary>Finds the file, if there is one.</summary>
    public static OfficialFilePlace? Find(KisFeedSources sources)
    {
        if (!string.IsNullOrWhiteSpace(sources.File))
        {
            return new OfficialFilePlace(
                sources.File, Shorten(sources.File, sources.HomeFolder), $"{nameof(KisFeedSources)}.{nameof(KisFeedSources.File)}");
        }
        if (sources.Variable(KisFeedVariables.File) is { } named && !string.IsNullOrWhiteSpace(named))
            return named == Nowhere ? null : new OfficialFilePlace(named, Shorten(named, sources.HomeFolder), KisFeedVariables.File);
        if (string.IsNullOrWhiteSpace(sources.HomeFolder))
            return null;
        var usual = System.IO.Path.Combine(sources.HomeFolder, "KIS", "config", "kis_devlp.yaml");
        return new OfficialFilePlace(usual, Shorten(usual, sources.HomeFolder), null);
    }

    private static string Shorten(string path, string? home) =>
        !string.IsNullOrWhiteSpace(home) && path.StartsWith(home + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? "~" + path[home.Length..].Replace('\\', '/')
            : path;
}
