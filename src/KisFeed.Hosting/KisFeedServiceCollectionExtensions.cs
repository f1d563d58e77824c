using KisFeed.Hosting.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>Adds a client to a container.</summary>
public static class KisFeedServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="KisFeedClient"/> for all, its <see cref="KisFeedConfiguration"/>, and a hosted service that starts it with the host and stops it
    /// with it. Without a host it starts when it is first asked for. It is configured by the section <c>KisFeed</c> of the container's
    /// <see cref="IConfiguration"/>, where there is one, by environment variables and by the file of the official samples; logs and time are
    /// those of the container, where it has them.
    /// </summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">What code says, on top of what is configured. Called again where it changes the environment; called for every time this is.</param>
    public static KisFeedBuilder AddKisFeed(this IServiceCollection services, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Add(services, null, configure);
    }

    /// <summary>The same, configured by a section of the caller's choice.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configuration">The section; of anything that is none the section <c>KisFeed</c> is taken.</param>
    /// <param name="configure">What code says, on top of what is configured.</param>
    /// <exception cref="InvalidOperationException">Where to look for the configuration was said before.</exception>
    public static KisFeedBuilder AddKisFeed(this IServiceCollection services, IConfiguration configuration, Func<KisFeedOptions, KisFeedOptions>? configure = null) =>
        services.AddKisFeed(new KisFeedSources { Section = KisFeedSources.SectionOf(configuration) }, configure);

    /// <summary>The same, configured by sources of the caller's choice and no others.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="sources">Where to look for the configuration.</param>
    /// <param name="configure">What code says, on top of what is configured.</param>
    /// <exception cref="InvalidOperationException">Where to look for the configuration was said before.</exception>
    public static KisFeedBuilder AddKisFeed(this IServiceCollection services, KisFeedSources sources, Func<KisFeedOptions, KisFeedOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(sources);
        return Add(services, sources, configure);
    }

    private static KisFeedBuilder Add(IServiceCollection services, KisFeedSources? sources, Func<KisFeedOptions, KisFeedOptions>? configure)
    {
        var feeds = services.Select(s => s.IsKeyedService ? null : s.ImplementationInstance).OfType<HostedFeeds>().FirstOrDefault();
        if (feeds is null)
        {
            feeds = new HostedFeeds();
            services.AddSingleton(feeds);
            services.TryAddSingleton(feeds.Read);
            services.TryAddSingleton(ClientStart.Create);
            services.AddSingleton<IHostedService>(provider => new KisFeedService(
                provider,
                feeds,
                provider.GetRequiredService<ILogger<KisFeedService>>(),
                provider.GetRequiredService<IHostApplicationLifetime>()));
        }

        if (sources is not null)
            feeds.Sources = feeds.Sources is null ? sources : throw new InvalidOperationException("AddKisFeed was told before where to look for the configuration: tell it once.");
        if (configure is not null)
            feeds.Configure.Add(configure);
        return new KisFeedBuilder(services, feeds);
    }
}

/// <summary>What a host does when there are no data any more. Immutable; change with <c>with</c>.</summary>
public sealed record KisFeedHostingOptions
{
    /// <summary>
    /// Whether the host stops when the session has ended for good: whatever waiting can mend, the client has waited for. The host's run then ends with
    /// the reason as an exception, so that whoever started the program can see it. Default: yes, since a program that trades must not go on
    /// without knowing that it sees nothing. Either way the end is logged as critical.
    /// </summary>
    public bool StopsHostWhenSessionEnds { get; init; } = true;

    /// <summary>
    /// Whether the host stops, in the same way, when a subscription that was declared with <see cref="KisFeedBuilder"/> is refused. Default: no, the others go on;
    /// the refusal is logged as an error.
    /// </summary>
    public bool StopsHostWhenRefused { get; init; }
}
