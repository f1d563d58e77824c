namespace KisFeed.Hosting;

/// <summary>Reads one environment from a file in the format of the official samples.</summary>
internal static class OfficialFileSource
{
    /// <summary>The name of the HTS ID, of all environments.</summary>
    public const string HtsId = "my_htsid";

    private const UnixFileMode ReadableByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static SourceContent Read(OfficialFilePath path, KisEnvironment environment)
    {
        var (appKey, appSecret, socket, rest) = NamesOf(environment);
        if (!File.Exists(path.Path))
        {
            return path.NamedBy is null
                ? new SourceContent { AppKeyMissing = $"there is no {path.Name} with {appKey} and {appSecret}" }
                : throw new KisFeedConfigurationException($"{path.NamedBy} names {path.Name}, which does not exist. Set it to a file "
                    + "such as kis_devlp.yaml of the official samples.");
        }

        var file = Load(path, appKey, appSecret, socket, rest, HtsId);
        var missing = IsPlaceholder(file.Text(appKey))
            ? $"{path.Name} still contains the template's text for {appKey} and {appSecret}"
            : $"{appKey} and {appSecret} are not set in {path.Name}";
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
            content.ReportAppKeyProblem($"{path.Name} still contains the template's text for {(key.Length > 0 ? appSecret : appKey)}: "
                + "put what KIS Developers issued there.");
        }
        content.AddAppKey(new SourceValue(key, Where(appKey)), new SourceValue(secret, Where(appSecret)));
        if ((key.Length > 0 || secret.Length > 0) && ModeWarning(path) is { } warning)
            content.Warnings.Add(warning);
        return content;

        string Where(string name) => $"{path.Name} {name}";
    }

    /// <summary>The names of an environment's values.</summary>
    public static (string AppKey, string AppSecret, string Socket, string RestUrl) NamesOf(KisEnvironment environment) =>
        environment == KisEnvironment.Mock ? ("paper_app", "paper_sec", "vops", "vps") : ("my_app", "my_sec", "ops", "prod");

    /// <summary>Which of these names have a value in the file that is not the template's text.</summary>
    /// <exception cref="KisFeedConfigurationException">The file cannot be read.</exception>
    public static IEnumerable<string> NamesWithValue(OfficialFilePath path, params string[] names)
    {
        var file = Load(path, names);
        return names.Where(name => Real(file.Text(name)).Length > 0);
    }

    private static OfficialFile Load(OfficialFilePath path, params string[] names)
    {
        try
        {
            using var reader = new StreamReader(path.Path);
            return OfficialFile.Parse(reader, path.Name, names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{path.Name} cannot be read: {e.Message} Give this program's user the right to read "
                + $"it, or name another file with {KisFeedVariables.File}.", e);
        }
    }

    // The template contains Korean placeholders; real values from KIS Developers are ASCII.
    private static bool IsPlaceholder(string text) => text.Any(c => !char.IsAscii(c));

    private static string Real(string text) => IsPlaceholder(text) ? "" : text;

    private static string? ModeWarning(OfficialFilePath path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path.Path) & ReadableByOthers) != UnixFileMode.None
            ? $"{path.Name} contains secrets, and other users of this machine can read it: chmod 600 {path.Name}"
            : null;
}
