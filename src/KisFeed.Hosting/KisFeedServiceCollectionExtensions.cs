using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KisFeed.Hosting;

/// <summary>Adds a KisFeed client to a container.</summary>
public static class KisFeedServiceCollectionExtensions
{
    /// <summary>
    /// Adds a singleton <see cref="KisFeedClient"/>, also as <see cref="IKisFeedClient"/>, its options as
    /// <see cref="IOptions{TOptions}"/>, its <see cref="KisFeedConfiguration"/>, and a hosted service that starts and stops the client with
    /// the host. Without a host, the client starts when it is first resolved. It is configured by the section <c>KisFeed</c> of the
    /// container's <see cref="IConfiguration"/>, if there is one, by environment variables, and by the file of the official samples. It
    /// uses the container's loggers and time provider, if there are any. Options that a validator
    /// (<see cref="IValidateOptions{TOptions}"/>) refuses prevent the host from starting. An <see cref="IKisFeedClient"/> that is
    /// registered before serves the declared feeds instead.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration. Called a second time if it changes the
    /// environment. Further calls of this method add to it.</param>
    public static KisFeedBuilder AddKisFeed(this IServiceCollection services, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Add(services, null, configure);
    }

    /// <summary>Adds a client that is configured by a given section.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configuration">The section. For a configuration root, its section <c>KisFeed</c> is used.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration.</param>
    /// <exception cref="InvalidOperationException">The configuration source was set before.</exception>
    public static KisFeedBuilder AddKisFeed(
        this IServiceCollection services, IConfiguration configuration, Func<KisFeedOptions, KisFeedOptions>? configure = null) =>
        services.AddKisFeed(new KisFeedSources { Section = KisFeedSources.SectionOf(configuration) }, configure);

    /// <summary>Adds a client that is configured by the given sources only.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="sources">The sources of the configuration.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration.</param>
    /// <exception cref="InvalidOperationException">The configuration source was set before.</exception>
    public static KisFeedBuilder AddKisFeed(
        this IServiceCollection services, KisFeedSources sources, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(sources);
        return Add(services, sources, configure);
    }

    /// <summary>
    /// Adds a client with a name, for programs with several accounts. It is configured by the section <c>KisFeed:Clients:NAME</c>, and not
    /// by environment variables and files, which have the app key of the unnamed client. Its services have the name as key:
    /// <c>[FromKeyedServices("NAME")] IKisFeedClient</c>; its options are named: <see cref="IOptionsMonitor{TOptions}.Get"/>.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="name">The name, without colons. Also that of the client in metrics, unless it is configured.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration.</param>
    /// <exception cref="ArgumentException">The name is empty or has a colon.</exception>
    public static KisFeedBuilder AddKisFeed(
        this IServiceCollection services, string name, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Add(services, null, configure, Checked(name));
    }

    /// <summary>Adds a client with a name that is configured by a given section.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="name">The name, without colons.</param>
    /// <param name="configuration">The section. For a configuration root, its section <c>KisFeed:Clients:NAME</c> is used.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration.</param>
    /// <exception cref="ArgumentException">The name is empty or has a colon.</exception>
    /// <exception cref="InvalidOperationException">The configuration source was set before.</exception>
    public static KisFeedBuilder AddKisFeed(
        this IServiceCollection services,
        string name,
        IConfiguration configuration,
        Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddKisFeed(name, KisFeedSources.OfNamed(configuration, Checked(name)), configure);
    }

    /// <summary>Adds a client with a name that is configured by the given sources only.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="name">The name, without colons.</param>
    /// <param name="sources">The sources of the configuration.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration.</param>
    /// <exception cref="ArgumentException">The name is empty or has a colon.</exception>
    /// <exception cref="InvalidOperationException">The configuration source was set before.</exception>
    public static KisFeedBuilder AddKisFeed(
        this IServiceCollection services, string name, KisFeedSources sources, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(sources);
        return Add(services, sources, configure, Checked(name));
    }

    /// <summary>The clients of a container, which has at most one of these.</summary>
    internal static HostedClients? ClientsIn(IServiceCollection services) =>
        services.Select(s => s.IsKeyedService ? null : s.ImplementationInstance).OfType<HostedClients>().FirstOrDefault();

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return name.Contains(':', StringComparison.Ordinal)
            ? throw new ArgumentException($"'{name}' has a colon, which separates sections: use letters, digits and hyphens", nameof(name))
            : name;
    }

    private static KisFeedBuilder Add(
        IServiceCollection services, KisFeedSources? sources, Func<KisFeedOptions, KisFeedOptions>? configure, string name = "")
    {
        var clients = ClientsIn(services);
        if (clients is null)
        {
            services.AddSingleton(clients = new HostedClients());
            services.AddTransient<IOptionsFactory<KisFeedOptions>, KisFeedOptionsFactory>();
        }

        var feeds = clients.Find(name);
        if (feeds is null)
        {
            feeds = clients.Add(name);
            AddClient(services, feeds);
        }

        if (sources is not null)
        {
            feeds.Sources = feeds.Sources is null
                ? sources
                : throw new InvalidOperationException("The configuration source of AddKisFeed was already set: set it once.");
        }
        if (configure is not null)
            feeds.Configure.Add(configure);
        return new KisFeedBuilder(services, feeds);
    }

    private static void AddClient(IServiceCollection services, HostedFeeds feeds)
    {
        services.AddOptions<KisFeedOptions>(feeds.Name).ValidateOnStart();
        TryAdd(feeds.Read);
        TryAdd(provider => KisFeedClient.Start(provider.GetRequiredService<IOptionsMonitor<KisFeedOptions>>().Get(feeds.Name)));
        TryAdd<IKisFeedClient>(feeds.Resolve<KisFeedClient>);
        services.AddSingleton<IHostedService>(provider => new KisFeedService(
            provider,
            feeds,
            provider.GetRequiredService<ILogger<KisFeedService>>(),
            provider.GetRequiredService<IHostApplicationLifetime>()));

        void TryAdd<TService>(Func<IServiceProvider, TService> create)
            where TService : class
        {
            if (feeds.ServiceKey is { } key)
                services.TryAddKeyedSingleton(key, (provider, _) => create(provider));
            else
                services.TryAddSingleton(create);
        }
    }
}

/// <summary>When a host stops because data end. Immutable; make changed copies with <c>with</c>.</summary>
public sealed record KisFeedHostingOptions
{
    /// <summary>
    /// Whether the host stops when the session has ended permanently, on an error that retrying cannot fix. <c>RunAsync</c> of the
    /// host then throws an exception with the reason, so that the program fails. Default: yes, because a trading program must not
    /// continue without data unnoticed. The end is logged as critical in either case.
    /// </summary>
    public bool StopsHostWhenSessionEnds { get; init; } = true;

    /// <summary>
    /// Whether the host stops, in the same way, when a subscription declared with <see cref="KisFeedBuilder"/> is refused. Default: no, the
    /// others continue; the refusal is logged as an error.
    /// </summary>
    public bool StopsHostWhenRefused { get; init; }
}
