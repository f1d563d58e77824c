using KisFeed.Feeds;
using KisFeed.Hosting.Tests.Configuration;
using KisFeed.Testing;
using KisFeed.TestSupport;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>The health check of a client.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly Home _home = new();
    private readonly InMemoryKisFeedClient _client = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_client_is_healthy_degraded_and_unhealthy_as_its_sessions_are()
    {
        using var host = HostWith(_ => { });
        await using var trades = await _client.SubscribeAsync(StockTrade.Krx, "005930");
        var healthy = await CheckAsync(host);
        healthy.Status.ShouldBe(HealthStatus.Healthy);
        (healthy.Data["registrations"], healthy.Data["confirmed"]).ShouldBe((1, 1));
        healthy.Data["session 1"].ShouldBe("Open, 1 of 41 slots in use");

        _client.Interrupt();
        var degraded = await CheckAsync(host);
        (degraded.Status, degraded.Description).ShouldBe(
            (HealthStatus.Degraded, "session 1 is not connected: Waiting; 1 registrations are not confirmed"));

        _client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 1 });
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        _client.Fail("wrong app secret", HaltReason.BadCredentials);
        var unhealthy = await CheckAsync(host);
        (unhealthy.Status, unhealthy.Description).ShouldBe((HealthStatus.Unhealthy, "session 1 has ended: Halted"));
    }

    [Fact]
    public async Task Overdue_data_degrade_a_client_with_a_limit()
    {
        using var host = HostWith(_ => { }, o => o with { MaxSilence = TimeSpan.FromSeconds(60) });
        await using var trades = await _client.SubscribeAsync(StockTrade.Krx, "005930");
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        _time.Advance(TimeSpan.FromSeconds(61));
        (await CheckAsync(host)).Description.ShouldBe("session 1 has had no data for 61 s");

        _client.Time = _time.GetUtcNow();
        _client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 1 });
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        _time.Advance(TimeSpan.FromSeconds(70));
        var silent = await CheckAsync(host);
        (silent.Status, silent.Description).ShouldBe((HealthStatus.Degraded, "session 1 has had no data for 70 s"));
    }

    [Fact]
    public async Task A_refused_declaration_degrades_a_client()
    {
        _client.Refuse(StockTrade.Krx, "005930", BrokerCode.InvalidTrKey);
        using var host = HostWith(builder => builder.AddSubscription(StockTrade.Krx, "005930", (in _) => { }));
        await Simulation.WithTimeoutAsync(host.StartAsync());

        var result = await Patience.UntilAsync(() => CheckAsync(host), result => result.Status != HealthStatus.Healthy);

        (result.Status, result.Description).ShouldBe((HealthStatus.Degraded, "1 subscriptions failed: H0STCNT0 005930"));
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    [Fact]
    public async Task A_real_client_is_degraded_while_its_server_is_away()
    {
        await using var simulation = await Simulation.StartAsync();
        using var host = simulation.CreateHost(services =>
        {
            services.AddKisFeed("broker", simulation.Sources).AddSubscription(IndexTrade.Feed, "0001", (in _) => { });
            services.AddHealthChecks().AddKisFeed("broker");
        });
        await Simulation.WithTimeoutAsync(host.StartAsync());
        var healthy = await Patience.UntilAsync(
            () => CheckAsync(host, "kisfeed:broker"),
            result => result.Status == HealthStatus.Healthy && result.Data["confirmed"] is 1);

        await simulation.Server.DisposeAsync();
        var degraded = await Patience.UntilAsync(
            () => CheckAsync(host, "kisfeed:broker"), result => result.Status == HealthStatus.Degraded);

        degraded.Description.ShouldStartWith("session 1 is not connected: ");
        var texts = string.Join('\n', healthy.Data.Concat(degraded.Data).Select(pair => $"{pair.Key} {pair.Value}"));
        texts.ShouldNotContain(Simulation.AppKey);
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    [Fact]
    public void A_check_needs_its_client()
    {
        var checks = new ServiceCollection().AddHealthChecks();

        Should.Throw<InvalidOperationException>(() => checks.AddKisFeed()).Message.ShouldStartWith("There is no unnamed client");
        Should.Throw<InvalidOperationException>(() => checks.AddKisFeed("second")).Message
            .ShouldBe("There is no client 'second': call AddKisFeed(\"second\") on the services before.");
        checks.Services.AddKisFeed();
        Should.Throw<ArgumentException>(() => checks.AddKisFeed(configure: o => o with { MaxSilence = TimeSpan.Zero }));
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host, string name = "kisfeed") =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];

    private IHost HostWith(Action<KisFeedBuilder> declare, Func<KisFeedHealthOptions, KisFeedHealthOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IKisFeedClient>(_client);
        builder.Services.AddSingleton<TimeProvider>(_time);
        declare(builder.Services.AddKisFeed(_home.Sources(), o => o with { AppKey = "key", AppSecret = "secret" }));
        builder.Services.AddHealthChecks().AddKisFeed(configure: configure);
        return builder.Build();
    }
}
