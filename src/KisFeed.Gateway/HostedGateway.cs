using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KisFeed.Gateway;

/// <summary>A gateway that starts and stops with its host (<see cref="KisFeedBuilderExtensions.AddGateway"/>).</summary>
public sealed class HostedGateway : IHostedService, IAsyncDisposable
{
    private readonly IOptionsMonitor<GatewayOptions> _options;
    private readonly string _name;
    private GatewayServer? _server;

    internal HostedGateway(IOptionsMonitor<GatewayOptions> options, string name) => (_options, _name) = (options, name);

    /// <summary>The gateway, with its address and status.</summary>
    /// <exception cref="InvalidOperationException">The host has not started it.</exception>
    public GatewayServer Server => _server
        ?? throw new InvalidOperationException("the gateway has not started: it starts with the host");

    /// <summary>Starts the gateway. It listens when the task completes, whether or not upstream is reachable.</summary>
    /// <exception cref="KisFeedConfigurationException">An option cannot be used.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _server = await GatewayServer.StartAsync(_options.Get(_name), cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the connections of consumers, and stops. The client continues.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    /// <summary>Stops the gateway if the host has not.</summary>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
