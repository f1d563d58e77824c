namespace KisFeed.Hosting;

/// <summary>Reads one environment from a file in the format of the official samples.</summary>
internal static class OfficialFileSource
{
    private const string HtsId = "my_htsid";

    private const UnixFileMode ReadableByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static SourceContent Read(OfficialFilePlace place, KisEnvironment environment)
    {
        var (appKey, appSecret, socket, rest) = NamesOf(environment);
        if (!File.Exists(place.Path))
        {
            return place.NamedBy is null
                ? new SourceContent { AppKeyMissing = $"there is no {place.Name} with {appKey} and {appSecret}" }
                : throw new KisFeedConfigurationException($"{place.NamedBy} names {place.Name}, which does not exist. Set it to a file "
                    + "such as kis_devlp.yaml of the official samples.");
        }

        var file = Load(place, appKey, appSecret, socket, rest, HtsId);
        var missing = IsPlaceholder(file.Text(appKey))
            ? $"{place.Name} still contains the template's text for {appKey} and {appSecret}"
            : $"{appKey} and {appSecret} are not set in {place.Name}";
        var content = new SourceContent { AppKeyMissing = missing };
        foreach (var (option, name) in new[]
        {
            (OptionTable.HtsId, HtsId),
            (OptionTable.WebSocketUrl, socket),
            (OptionTable.RestUrl, rest),
        })
        {
            content.Add(option, Real(file.Text(name)), Where(name));
        }

        var (key, secret) = (Real(file.Text(appKey)), Real(file.Text(appSecret)));
        if (key.Length > 0 != secret.Length > 0 && (IsPlaceholder(file.Text(appKey)) || IsPlaceholder(file.Text(appSecret))))
        {
            content.ReportAppKeyProblem($"{place.Name} still contains the template's text for {(key.Length > 0 ? appSecret : appKey)}: "
                + "put what KIS Developers issued there.");
        }
        content.AddAppKey(new SourceValue(key, Where(appKey)), new SourceValue(secret, Where(appSecret)));
        if ((key.Length > 0 || secret.Length > 0) && ModeWarning(place) is { } warning)
            content.Warnings.Add(warning);
        return content;

        string Where(string name) => $"{place.Name} {name}";
    }

    private static (string AppKey, string AppSecret, string Socket, string RestUrl) NamesOf(KisEnvironment environment) =>
        environment == KisEnvironment.Mock ? ("paper_app", "paper_sec", "vops", "vps") : ("my_app", "my_sec", "ops", "prod");

    private static OfficialFile Load(OfficialFilePlace place, params string[] names)
    {
        try
        {
            using var reader = new StreamReader(place.Path);
            return OfficialFile.Parse(reader, place.Name, names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{place.Name} cannot be read: {e.Message} Give this program's user the right to read "
                + $"it, or name another file with {KisFeedVariables.File}.", e);
        }
    }

    // The template contains Korean placeholders; real values from KIS Developers are ASCII.
    private static bool IsPlaceholder(string text) => text.Any(c => !char.IsAscii(c));

    private static string Real(string text) => IsPlaceholder(text) ? "" : text;

    private static string? ModeWarning(OfficialFilePlace place) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(place.Path) & ReadableByOthers) != UnixFileMode.None
            ? $"{place.Name} contains secrets, and other users of this machine can read it: chmod 600 {place.Name}"
            : null;
}
