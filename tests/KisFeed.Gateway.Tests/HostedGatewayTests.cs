using KisFeed.Feeds;
using KisFeed.Hosting;
using KisFeed.Simulator;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KisFeed.Gateway.Tests;

/// <summary>A gateway in a program with a host.</summary>
public sealed class HostedGatewayTests
{
    [Fact]
    public async Task A_gateway_shares_the_session_of_the_program()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 200 });
        var own = new TaskCompletionSource<string>();
        using var host = HostWith(simulator.WebSocketUrl, [("KisFeed:Gateway:Keep:0", "index:1001")], builder => builder
            .AddSubscription(IndexTrade.Feed, "0001", (in trade) => own.TrySetResult(trade.Code))
            .AddGateway());
        await host.StartAsync().WaitAsync(Patience.Limit);
        var gateway = host.Services.GetRequiredService<HostedGateway>().Server;

        await using (var consumer = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = TestCredentials.NewAppKey(),
            AppSecret = "CONSUMERSECRET",
            WebSocketUrl = gateway.WebSocketUrl,
        }))
        {
            await using var index = await consumer.SubscribeAsync(IndexTrade.Feed, "0001");
            (await index.ReadAllAsync().FirstAsync().AsTask().WaitAsync(Patience.Limit)).Code.ShouldBe("0001");
        }

        (await own.Task.WaitAsync(Patience.Limit)).ShouldBe("0001");
        simulator.Sessions.Count.ShouldBe(1);
        await Patience.UntilAsync(() => host.Services.GetRequiredService<IKisFeedClient>().Registrations.Any(r => r.Key == "1001"));
        var client = host.Services.GetRequiredService<IKisFeedClient>();
        await host.StopAsync().WaitAsync(Patience.Limit);
        client.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        using var rest = new HttpClient();
        await Should.ThrowAsync<HttpRequestException>(() => rest.GetAsync(gateway.RestUrl));
    }

    [Fact]
    public void Options_come_from_the_section_and_code()
    {
        using var host = HostWith(
            new Uri("ws://127.0.0.1:1"),
            [
                ("KisFeed:Gateway:Port", "21000"),
                ("KisFeed:Gateway:Address", "0.0.0.0"),
                ("KisFeed:Gateway:AllowAnonymous", "true"),
                ("KisFeed:Gateway:AllowedOrigins:0", "https://charts.example"),
                ("KisFeed:Gateway:Keep:0", "index:0001"),
                ("KisFeed:Gateway:Keep:1", "H0STCNT0:005930"),
                ("KisFeed:Gateway:ReleaseGrace", "2m"),
                ("KisFeed:Gateway:Limits:RequestsPerSecond", "12.5"),
                ("KisFeed:Gateway:Limits:MaxSlots", "7"),
                ("KisFeed:Gateway:TrustedProxies:0", "10.0.0.0/8"),
                ("KisFeed:Gateway:Record", "captures"),
                ("KisFeed:Gateway:MaxConnections", ""),
            ],
            builder => builder.AddSubscription(IndexTrade.Feed, "0001", (in _) => { })
                .AddGateway(o => o with { MinimumHold = TimeSpan.Zero }).AddGateway(o => o with { Port = o.Port + 1 }));

        var options = host.Services.GetRequiredService<IOptionsMonitor<GatewayOptions>>().CurrentValue;

        (options.Port, options.Address, options.AllowAnonymous, options.MinimumHold).ShouldBe((21001, "0.0.0.0", true, TimeSpan.Zero));
        options.AllowedOrigins.ShouldBe(["https://charts.example"]);
        options.Keep.Select(key => key.ToString()).ShouldBe(["H0UPCNT0:0001", "H0STCNT0:005930"]);
        options.ReleaseGrace.ShouldBe(TimeSpan.FromMinutes(2));
        (options.Limits.RequestsPerSecond, options.Limits.MaxSlots).ShouldBe((12.5, 7));
        options.TrustedProxies.ShouldHaveSingleItem().PrefixLength.ShouldBe(8);
        options.Recording!.Writer.Directory.ShouldBe("captures");
        options.MaxConnections.ShouldBe(GatewayOptions.DefaultMaxConnections);
        options.Upstream.MaxRegistrations.ShouldBe(40, "one of 41 is the program's own");
    }

    [Theory]
    [InlineData("KisFeed:Gateway:Prot", "21000", "KisFeed:Gateway:Prot is not an option. Valid options: Port, Address, ")]
    [InlineData("KisFeed:Gateway:Port", "http", "KisFeed:Gateway:Port is 'http', which is not a valid Port. Use a whole number.")]
    [InlineData("KisFeed:Gateway:Port", "70000",
        "the option Port is not valid: it is 70000; set a TCP port, or 0 for a free one. It was set by: KisFeed:Gateway:Port.")]
    [InlineData("KisFeed:Gateway:Port:A", "1", "KisFeed:Gateway:Port has keys below it, but takes one value.")]
    [InlineData("KisFeed:Gateway", "on", "KisFeed:Gateway has a value, but takes keys below it: Port, ")]
    [InlineData(
        "KisFeed:Gateway:RequestTimeout", "soon", "KisFeed:Gateway:RequestTimeout is 'soon', which is not a valid RequestTimeout.")]
    [InlineData("KisFeed:Gateway:Keep:0", "0001", "KisFeed:Gateway:Keep:0 is not a feed and a key.")]
    [InlineData("KisFeed:Gateway:TrustedProxies:0", "proxy", "KisFeed:Gateway:TrustedProxies:0 is 'proxy', which is not a valid ")]
    [InlineData("KisFeed:Gateway:Limits:Slots", "1", "KisFeed:Gateway:Limits:Slots is not an option. Valid options: MaxSlots, ")]
    [InlineData("KisFeed:Gateway:Limits:RequestBurst", "0",
        "ConsumerLimits.RequestBurst must be 1 or more. It was set by: KisFeed:Gateway:Limits:RequestBurst.")]
    [InlineData("KisFeed:Gateways:Port", "1", "KisFeed:Gateways is not an option.")]
    public async Task Mistakes_prevent_the_start_and_are_located(string key, string value, string message)
    {
        using var host = HostWith(new Uri("ws://127.0.0.1:1"), [(key, value)], builder => builder.AddGateway());

        (await Should.ThrowAsync<KisFeedConfigurationException>(() => host.StartAsync())).Message.ShouldStartWith(message);
    }

    [Fact]
    public async Task Each_client_may_have_a_gateway()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var host = HostWith(simulator.WebSocketUrl, [("KisFeed:Clients:second:Gateway:MaxConnections", "7")], builder =>
        {
            builder.AddGateway();
            builder.Services.AddKisFeed("second", o => Options(o, simulator.WebSocketUrl)).AddGateway();
        });
        await host.StartAsync().WaitAsync(Patience.Limit);

        var first = host.Services.GetRequiredService<HostedGateway>().Server;
        var second = host.Services.GetRequiredKeyedService<HostedGateway>("second").Server;

        first.Port.ShouldNotBe(second.Port);
        host.Services.GetRequiredService<IOptionsMonitor<GatewayOptions>>().Get("second").MaxConnections.ShouldBe(7);
        await host.StopAsync().WaitAsync(Patience.Limit);
    }

    private static IHost HostWith(Uri service, (string Key, string Value)[] values, Action<KisFeedBuilder> declare)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var root = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
        builder.Services.AddSingleton<IConfiguration>(root);
        declare(builder.Services.AddKisFeed(
            new KisFeedSources { Section = root.GetSection("KisFeed"), Variable = _ => null, HomeFolder = null },
            o => Options(o, service)));
        return builder.Build();
    }

    private static KisFeedOptions Options(KisFeedOptions options, Uri service) =>
        options with { AppKey = TestCredentials.NewAppKey(), AppSecret = "SIMULATORSECRET", WebSocketUrl = service };
}
