namespace KisFeed.Hosting.Configuration;

/// <summary>Where the file in the form of the official samples is.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Name">The same for people: the home is <c>~</c>.</param>
/// <param name="NamedBy">Who named it, for whom it must exist; <see langword="null"/> for the usual place.</param>
internal sealed record OfficialFilePlace(string Path, string Name, string? NamedBy)
{
    private const string Nowhere = "none";

    /// <summary>The place, or none.</summary>
    public static OfficialFilePlace? Find(KisFeedSources sources)
    {
        if (!string.IsNullOrWhiteSpace(sources.File))
            return new OfficialFilePlace(sources.File, Shorten(sources.File, sources.HomeFolder), $"{nameof(KisFeedSources)}.{nameof(KisFeedSources.File)}");
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
