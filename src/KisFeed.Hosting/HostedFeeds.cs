using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>The feeds and sources that a program declared for one client while building its services.</summary>
/// <param name="clients">All clients of the container.</param>
/// <param name="name">The name of the client; empty for the unnamed one.</param>
internal sealed class HostedFeeds(HostedClients clients, string name)
{
    /// <summary>The name of the client; empty for the unnamed one.</summary>
    public string Name => name;


    /// <summary>
    /// The sources of the configuration; <see langword="null"/> for the container's section and, of the unnamed client, variables and the
    /// file.
    /// </summary>
    public KisFeedSources? Sources { get; set; }

    public List<Func<KisFeedOptions, KisFeedOptions>> Configure { get; } = [];

    public List<FeedDeclaration> Declarations { get; } = [];

    public KisFeedHostingOptions Hosting { get; set; } = new();

    /// <summary>The declared subscriptions that have failed, by feed and key; for order notices without the key.</summary>
    public ConcurrentDictionary<string, string> Failed { get; } = new(StringComparer.Ordinal);

    /// <summary>The key of the client's services; <see langword="null"/> for the unnamed client, whose services have none.</summary>
    public string? ServiceKey => name.Length == 0 ? null : name;

    public T Resolve<T>(IServiceProvider services)
        where T : notnull =>
        ServiceKey is { } key ? services.GetRequiredKeyedService<T>(key) : services.GetRequiredService<T>();

    /// <summary>The number of keys that the program subscribes to when it starts.</summary>
    public int CountKeys(KisFeedOptions options) => Declarations.Sum(declaration => declaration.Keys(options).Count);

    /// <summary>The section of the client; <see langword="null"/> if there is no configuration.</summary>
    public IConfigurationSection? SectionIn(IServiceProvider services) => SourcesIn(services).Section;

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="KisFeedConfigurationException">The configuration is not valid.</exception>
    public KisFeedConfiguration Read(IServiceProvider services)
    {
        var sources = SourcesIn(services) with { ClientNames = clients.Names };
        var defaults = sources.Defaults;
        defaults = defaults with
        {
            ClientName = defaults.ClientName ?? ServiceKey,
            LoggerFactory = defaults.LoggerFactory ?? services.GetService<ILoggerFactory>(),
            MeterFactory = defaults.MeterFactory ?? services.GetService<IMeterFactory>(),
            TimeProvider = defaults.TimeProvider == TimeProvider.System
                ? services.GetService<TimeProvider>() ?? TimeProvider.System
                : defaults.TimeProvider,
        };
        return KisFeedConfiguration.Read(
            sources with { Defaults = defaults }, options => Configure.Aggregate(options, (o, configure) => configure(o)));
    }

    private KisFeedSources SourcesIn(IServiceProvider services)
    {
        if (Sources is not null)
            return Sources;
        var configuration = services.GetService<IConfiguration>();
        return ServiceKey is { } key
            ? KisFeedSources.OfNamed(configuration, key)
            : new KisFeedSources { Section = configuration?.GetSection(KisFeedSources.SectionName) };
    }
}

/// <summary>The clients of a container.</summary>
internal sealed class HostedClients
{
    private readonly List<HostedFeeds> _all = [];

    /// <summary>The names of the named clients.</summary>
    public IReadOnlyList<string> Names => [.. _all.Select(static feeds => feeds.ServiceKey).OfType<string>()];

    public HostedFeeds? Find(string name) => _all.Find(feeds => feeds.Name.Equals(name, StringComparison.Ordinal));

    public HostedFeeds Add(string name)
    {
        var feeds = new HostedFeeds(this, name);
        _all.Add(feeds);
        return feeds;
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
