using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting;

/// <summary>
/// The sources of a configuration, strongest first: the section, environment variables, the file. Immutable;
/// make changed copies with <c>with</c>.
/// </summary>
public sealed record KisFeedSources
{
    /// <summary>The section to use from a configuration root.</summary>
    public const string SectionName = "KisFeed";

    /// <summary>The section of <see cref="SectionName"/> that has a section for each named client.</summary>
    public const string ClientsName = "Clients";

    /// <summary>The section with the options. Default: none.</summary>
    public IConfigurationSection? Section { get; init; }

    /// <summary>
    /// Returns the value of an environment variable, or <see langword="null"/> if it is not set. Default: the variables of this
    /// process; use <c>_ => null</c> for none.
    /// </summary>
    public Func<string, string?> Variable { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>
    /// The file in the format of the official samples' <c>kis_devlp.yaml</c>; it must exist. Default: the file that <c>KISFEED_CONFIG</c>
    /// names, otherwise <c>KIS/config/kis_devlp.yaml</c> in <see cref="HomeFolder"/>, if that exists.
    /// </summary>
    public string? File { get; init; }

    /// <summary>
    /// The user's home folder, which is searched for the file. Default: that of this process' user.
    /// <see langword="null"/>: the file is not searched for.
    /// </summary>
    public string? HomeFolder { get; init; } = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);

    /// <summary>
    /// The base options, used where no source sets a value; usually a clock and loggers. Default: those of <see cref="KisFeedOptions"/>.
    /// </summary>
    public KisFeedOptions Defaults { get; init; } = new();

    /// <summary>The clients that <see cref="ClientsName"/> may configure; <see langword="null"/> for any.</summary>
    internal IReadOnlyList<string>? ClientNames { get; init; }

    /// <summary>Whether messages name only the section as a place to set something.</summary>
    internal bool IsSectionOnly { get; init; }

    /// <summary>
    /// The sources of a named client: its section only. Variables and the file have the app key of the unnamed one, which must not have two
    /// sessions.
    /// </summary>
    internal static KisFeedSources OfNamed(IConfiguration? configuration, string name) => new()
    {
        Section = configuration as IConfigurationSection ?? configuration?.GetSection($"{SectionName}:{ClientsName}:{name}"),
        Variable = static _ => null,
        HomeFolder = null,
        IsSectionOnly = true,
    };

    /// <summary>Returns the configuration itself if it is a section, otherwise its section <see cref="SectionName"/>.</summary>
    public static IConfigurationSection SectionOf(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration as IConfigurationSection ?? configuration.GetSection(SectionName);
    }

    /// <summary>The names of the sources, without their content.</summary>
    public override string ToString() => $"KisFeedSources {{ Section = {Section?.Path}, File = {File} }}";
}
