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
