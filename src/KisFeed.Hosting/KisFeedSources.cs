using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting;

/// <summary>Where a configuration is looked for, strongest first: the section, environment variables, the file. Immutable; change with <c>with</c>.</summary>
public sealed record KisFeedSources
{
    /// <summary>The section that is taken of a configuration root.</summary>
    public const string SectionName = "KisFeed";

    /// <summary>The section with the options. Default: none.</summary>
    public IConfigurationSection? Section { get; init; }

    /// <summary>
    /// Looks an environment variable up: <see langword="null"/> where it is not set. Default: the variables of this process;
    /// <c>_ => null</c> for none.
    /// </summary>
    public Func<string, string?> Variable { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>
    /// The file in the form of the official samples' <c>kis_devlp.yaml</c>; it must exist. Default: what <c>KISFEED_CONFIG</c> names, and else
    /// <c>KIS/config/kis_devlp.yaml</c> in <see cref="HomeFolder"/>, where that exists.
    /// </summary>
    public string? File { get; init; }

    /// <summary>The user's home, in which the file is looked for. Default: that of this process' user; <see langword="null"/>: it is not looked for.</summary>
    public string? HomeFolder { get; init; } = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);

    /// <summary>What the options are that nobody says anything about: a clock and loggers, usually. Default: those of <see cref="KisFeedOptions"/>.</summary>
    public KisFeedOptions Defaults { get; init; } = new();

    /// <summary>The section of a configuration: itself where it is one, else <see cref="SectionName"/> in it.</summary>
    public static IConfigurationSection SectionOf(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration as IConfigurationSection ?? configuration.GetSection(SectionName);
    }

    /// <summary>The places, without what is in them.</summary>
    public override string ToString() => $"KisFeedSources {{ Section = {Section?.Path}, File = {File} }}";
}

/// <summary>
/// The names of the environment variables. Further app keys have a number at the end, from <c>_2</c> to <c>_99</c>. With <c>_FILE</c> behind that, those of app keys, app secrets and HTS IDs name a
/// file with the value instead: <see cref="SecretVariable"/>.
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

    /// <summary>The path of a file in which approval keys are kept for later programs.</summary>
    public const string ApprovalKeys = "KISFEED_APPROVALKEYS";

    /// <summary>The path of the file in the form of the official samples' <c>kis_devlp.yaml</c>; <c>none</c>: no file is read.</summary>
    public const string File = "KISFEED_CONFIG";
}
