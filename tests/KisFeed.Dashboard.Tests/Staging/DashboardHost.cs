using KisFeed.Cli.Gateways;
using KisFeed.Gateway;
using KisFeed.Simulator;

namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>A simulator and a gateway connected to it, in this process.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private GatewayOptions _options;

    private DashboardHost(SimulatorServer market, GatewayServer gateway, GatewayOptions options)
    {
        Market = market;
        Gateway = gateway;
        _options = options;
    }

    public SimulatorServer Market { get; }

    public GatewayServer Gateway { get; private set; }

    public Uri Address => Gateway.RestUrl;

    /// <summary>Starts the simulator and the gateway.</summary>
    /// <param name="market">Changes the simulator's options; by default it sends 100 events a second.</param>
    /// <param name="gateway">Changes the gateway's options; by default it needs no credentials and shows keys of every feed.</param>
    public static async Task<DashboardHost> OpenAsync(
        Func<SimulatorOptions, SimulatorOptions>? market = null, Func<GatewayOptions, GatewayOptions>? gateway = null)
    {
        var own = new SimulatorOptions { Seed = 7, Rate = 100, HtsId = DemoTargets.HtsId };
        var server = await SimulatorServer.StartAsync(market?.Invoke(own) ?? own);
        var clock = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9));
        var options = new GatewayOptions
        {
            TimeProvider = clock,
            Upstream = new KisFeedOptions
            {
                TimeProvider = clock,
                AppKey = TestCredentials.NewAppKey(),
                AppSecret = TestCredentials.AppSecret,
                HtsId = DemoTargets.HtsId,
                WebSocketUrl = server.WebSocketUrl,
                RequestInterval = TimeSpan.Zero,
            },
            Source = DataSource.Simulation,
            Keep = DemoTargets.Keys,
            DashboardKeys = DemoTargets.Keys,
            Instruments = SimulatedInstruments.All,
        };
        options = gateway?.Invoke(options) ?? options;
        return new DashboardHost(server, await GatewayServer.StartAsync(options), options);
    }

    /// <summary>Stops the gateway. <see cref="StartGatewayAsync"/> starts another one on the same port.</summary>
    public async Task StopGatewayAsync()
    {
        _options = _options with { Port = Gateway.Port };
        await Gateway.DisposeAsync();
    }

    /// <summary>Starts a gateway.</summary>
    /// <param name="change">Changes its options; by default they are those of the one before.</param>
    public async Task StartGatewayAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        _options = change?.Invoke(_options) ?? _options;
        Gateway = await GatewayServer.StartAsync(_options);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Market.DisposeAsync();
    }
}
