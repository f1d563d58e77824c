using Microsoft.Extensions.DependencyInjection;

namespace KisFeed.Hosting.Services;

/// <summary>Starts the container's client.</summary>
internal static class ClientStart
{
    /// <summary>Starts a client with the container's configuration, and does not wait for its connection.</summary>
    /// <exception cref="KisFeedConfigurationException">An option is missing or out of range.</exception>
    public static KisFeedClient Create(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<KisFeedConfiguration>();
        configuration.Validate();
        return KisFeedClient.Start(configuration.Options);
    }
}
