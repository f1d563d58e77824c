using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>The feeds and sources that a program declared while building its services.</summary>
internal sealed class HostedFeeds
{
    /// <summary>The sources of the configuration; <see langword="null"/> for the container's section, variables and the file.</summary>
    public KisFeedSources? Sources { get; set; }

    public List<Func<KisFeedOptions, KisFeedOptions>> Configure { get; } = [];

    public List<FeedDeclaration> Declarations { get; } = [];

    public KisFeedHostingOptions Hosting { get; set; } = new();

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="KisFeedConfigurationException">The configuration is not valid.</exception>
    public KisFeedConfiguration Read(IServiceProvider services)
    {
        var sources = Sources
            ?? new KisFeedSources { Section = services.GetService<IConfiguration>()?.GetSection(KisFeedSources.SectionName) };
        var defaults = sources.Defaults;
        defaults = defaults with
        {
            LoggerFactory = defaults.LoggerFactory ?? services.GetService<ILoggerFactory>(),
            MeterFactory = defaults.MeterFactory ?? services.GetService<IMeterFactory>(),
            TimeProvider = defaults.TimeProvider == TimeProvider.System
                ? services.GetService<TimeProvider>() ?? TimeProvider.System
                : defaults.TimeProvider,
        };
        return KisFeedConfiguration.Read(
            sources with { Defaults = defaults }, options => Configure.Aggregate(options, (o, configure) => configure(o)));
    }
}

/// <summary>The HTS IDs of all app keys.</summary>
internal static class HtsIds
{
    /// <summary>Returns every HTS ID of the options once.</summary>
    /// <exception cref="KisFeedConfigurationException">The options contain no HTS ID.</exception>
    public static IReadOnlyList<string> Of(KisFeedOptions options)
    {
        string[] ids =
            [.. options.AdditionalAppKeys.Select(k => k.HtsId).Prepend(options.HtsId).OfType<string>().Distinct(StringComparer.Ordinal)];
        return ids.Length > 0
            ? ids
            : throw new KisFeedConfigurationException(
                "Order notices are declared, but no HTS ID is configured: set KisFeedOptions.HtsId in code, KisFeed:HtsId in the "
                + "configuration, KISFEED_HTSID, or my_htsid in ~/KIS/config/kis_devlp.yaml.");
    }
}
