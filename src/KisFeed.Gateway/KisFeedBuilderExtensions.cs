using KisFeed.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KisFeed.Gateway;

/// <summary>Adds a gateway to a program with a client.</summary>
public static class KisFeedBuilderExtensions
{
    /// <summary>
    /// Adds a gateway that shares the sessions of the client with other programs. It starts and stops with the host, and is a
    /// <see cref="HostedGateway"/> in the container, with the name of the client as its key if it has one. Its options are configured by
    /// the section <c>Gateway</c> of the client's, e.g. <c>KisFeed:Gateway:Port</c>, and are <see cref="IOptionsMonitor{TOptions}"/> of
    /// <see cref="GatewayOptions"/> under the client's name. Invalid ones prevent the host from starting.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Options set in code, applied on top of the configuration. Further calls of this method add to it.</param>
    public static KisFeedBuilder AddGateway(this KisFeedBuilder builder, Func<GatewayOptions, GatewayOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var gateways = services.Select(s => s.IsKeyedService ? null : s.ImplementationInstance).OfType<HostedGateways>().FirstOrDefault();
        if (gateways is null)
        {
            services.AddSingleton(gateways = new HostedGateways());
            services.AddTransient<IOptionsFactory<GatewayOptions>, GatewayOptionsFactory>();
        }

        var feeds = builder.Feeds;
        if (!gateways.Configure.TryGetValue(feeds.Name, out var functions))
        {
            gateways.Configure.Add(feeds.Name, functions = []);
            services.AddOptions<GatewayOptions>(feeds.Name).ValidateOnStart();
            if (feeds.ServiceKey is { } key)
                services.TryAddKeyedSingleton(key, (provider, _) => Create(provider));
            else
                services.TryAddSingleton(Create);
            services.AddSingleton<IHostedService>(feeds.Resolve<HostedGateway>);
        }

        if (configure is not null)
            functions.Add(configure);
        return builder;

        HostedGateway Create(IServiceProvider provider) =>
            new(provider.GetRequiredService<IOptionsMonitor<GatewayOptions>>(), feeds.Name);
    }
}

/// <summary>The gateways of a container.</summary>
internal sealed class HostedGateways
{
    /// <summary>The options set in code, by the names of the clients.</summary>
    public Dictionary<string, List<Func<GatewayOptions, GatewayOptions>>> Configure { get; } = new(StringComparer.Ordinal);
}
