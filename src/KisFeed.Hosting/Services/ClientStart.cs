using Microsoft.Extensions.DependencyInjection;

namespace KisFeed.Hosting.Services;

/// <summary>Starts the container's client.</summary>
internal static class ClientStart
{
    /// <summary>Starts a client with the container's configuration.</summary>
    /// <exception cref="KisFeedConfigurationException">An option is missing or out of range.</exception>
    public static KisFeedClient Create(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<KisFeedConfiguration>();
        configuration.Validate();
        return Start(configuration.Options);
    }

#pragma warning disable VSTHRD002 // Until the client can connect in the background, whoever asks for it first waits for its connection.
    private static KisFeedClient Start(KisFeedOptions options) => Task.Run(() => KisFeedClient.ConnectAsync(options)).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
