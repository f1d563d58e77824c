using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting;

/// <summary>
/// The sources of a configuration, strongest first: the section, environment variables, the file. Immutable; make changed copies with <c>with</c>.
/// </summary>
public sealed record KisFeedSources
{
    /// <summary>The section to use from a configuration root.</summary>
    public const string SectionName = "KisFeed";

    /// <summary>The section with the options. Default: none.</summary>
    public IConfigurationSection? Section { get; init; }

    /// <summary>
    /// Returns the value of an environment variable, or <see langword="null"/> if it is not set. Default: the variables of this process; use <c>_ =>
    /// null</c> for none.
    /// </summary>
    public Func<string, string?> Variable { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>
    /// The file in the format of the official samples' <c>kis_devlp.yaml</c>; it must exist. Default: the file that <c>KISFEED_CONFIG</c> names,
    /// otherwise <c>KIS/config/kis_devlp.yaml</c> in <see cref="HomeFolder"/>, if that exists.
    /// </summary>
    public string? File { get; init; }

    /// <summary>
    /// The user's home folder, which is searched for the file. Default: that of this process' user. <see langword="null"/>: the file is not searched
    /// for.
    /// </summary>
    public string? HomeFolder { get; init; } = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);

    /// <summary>
    /// The base options, used where no source sets a value; usually a clock and loggers. Default: those of <see cref="KisFeedOptions"/>.
    /// </summary>
    public KisFeedOptions Defaults { get; init; } = new();

    /// <summary>Returns the configuration itself if it is a section, otherwise its section <see cref="SectionName"/>.</summary>
    public static IConfigurationSection SectionOf(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration as IConfigurationSection ?? configuration.GetSection(SectionName);
    }

    /// <summary>The names of the sources, without their content.</summary>
    public override string ToString() => $"KisFeedSources {{ Section = {Section?.Path}, File = {File} }}";
}

/// <summary>
/// The names of the environment variables. Further app keys have a number as suffix, from <c>_2</c> to <c>_99</c>. The variables of app keys, app
/// secrets and HTS IDs also exist with the suffix <c>_FILE</c>, and then name a file that contains the value: <see cref="SecretVariable"/>.
/// </summary>
public static class KisFeedVariables
{
    /// <summary>The app key. Secret.</summary>
    public const string AppKey = "KISFEED_APPKEY";

    /// <summary>The app secret that belongs to the app key. Secret.</summary>
    public const string AppSecret = "KISFEED_APPSECRET";

    /// <summary>The HTS ID, for order notices.</summary>
    public const string HtsId = "KISFEED_HTSID";

    /// <summary>The WebSocket address.</summary>
    public const string Url = "KISFEED_URL";

    /// <summary>The REST address that issues approval keys.</summary>
    public const string Rest = "KISFEED_REST";

    /// <summary><c>production</c> or <c>mock</c>.</summary>
    public const string Environment = "KISFEED_ENVIRONMENT";

    /// <summary>The path of a file that keeps approval keys for later programs.</summary>
    public const string ApprovalKeys = "KISFEED_APPROVALKEYS";

    /// <summary>The path of the file in the format of the official samples' <c>kis_devlp.yaml</c>; with <c>none</c>, no file is read.</summary>
    public const string File = "KISFEED_CONFIG";
}
