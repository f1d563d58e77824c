using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>The client starts and stops with its host, and subscribes to the declared feeds.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Declared_subscriptions_reach_their_handlers_and_end_with_the_host()
    {
        await using var simulation = await Simulation.StartAsync();
        var index = new TaskCompletionSource<string>();
        var notice = new TaskCompletionSource<OrderNotice>();
        using var host = simulation.CreateHost(services =>
        {
            services.AddSingleton<Clock>();
            services.AddKisFeed(simulation.Sources)
                .AddSubscription(IndexTrade.Feed, "0001", (in trade) => index.TrySetResult(trade.Code))
                .AddOrderNotices((in trade) => notice.TrySetResult(trade))
                .AddHandler<ProgramTrade, Collector>(ProgramTrade.Consolidated, "005930", "000660");
        });

        await Simulation.WithTimeoutAsync(host.StartAsync());
        (await Simulation.WithTimeoutAsync(index.Task)).ShouldBe("0001");
        (await Simulation.WithTimeoutAsync(notice.Task)).AccountNumber.ShouldNotBeNullOrEmpty();
        var collector = host.Services.GetRequiredService<Collector>();
        await Simulation.WithTimeoutAsync(collector.HasTwo);
        collector.Codes.ShouldBe(["000660", "005930"]);
        collector.Clock.ShouldBeSameAs(host.Services.GetRequiredService<Clock>());
        simulation.Server.Statistics.Registrations.ShouldBe(4);

        var client = host.Services.GetRequiredService<KisFeedClient>();
        await Simulation.WithTimeoutAsync(host.StopAsync());
        client.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        simulation.Loggers.Lines.ShouldNotContain(
            m => m.StartsWith("Error", StringComparison.Ordinal) || m.StartsWith("Critical", StringComparison.Ordinal));
        string.Join('\n', simulation.Loggers.Lines).ShouldNotContain(Simulation.AppKey);
        string.Join('\n', simulation.Loggers.Lines).ShouldNotContain(Simulation.HtsId);
    }

    [Fact]
    public async Task Order_notices_of_any_feed_reach_callbacks_and_handlers()
    {
        await using var simulation = await Simulation.StartAsync();
        var stock = new TaskCompletionSource<StockOrderNotice>();
        var night = new TaskCompletionSource<OrderNotice>();
        using var host = simulation.CreateHost(services => services.AddKisFeed(simulation.Sources)
            .AddOrderNotices(StockOrderNotice.Feed, (in notice) => stock.TrySetResult(notice))
            .AddOrderNotices(OrderNotice.NightFutures, (in notice) => night.TrySetResult(notice))
            .AddOrderNotices<OverseasOrderNotice, FirstNotice>(OverseasOrderNotice.Feed));

        await Simulation.WithTimeoutAsync(host.StartAsync());

        (await Simulation.WithTimeoutAsync(stock.Task)).CustomerId.ShouldBe(Simulation.HtsId);
        (await Simulation.WithTimeoutAsync(night.Task)).CustomerId.ShouldBe(Simulation.HtsId);
        (await Simulation.WithTimeoutAsync(host.Services.GetRequiredService<FirstNotice>().Task)).CustomerId.ShouldBe(Simulation.HtsId);
        await Simulation.WithTimeoutAsync(host.StopAsync());
        string.Join('\n', simulation.Loggers.Lines).ShouldNotContain(Simulation.HtsId);
    }

    [Fact]
    public void A_feed_with_other_keys_is_refused_as_order_notices()
    {
        var builder = new ServiceCollection().AddKisFeed();

        Should.Throw<ArgumentException>(() => builder.AddOrderNotices(IndexTrade.Feed, (in _) => { })).Message
            .ShouldStartWith("H0UPCNT0 is not a feed of order notices");
        Should.Throw<ArgumentException>(() => builder.AddOrderNotices<ProgramTrade, Collector>(ProgramTrade.Krx)).ParamName
            .ShouldBe("feed");
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged_and_called_again()
    {
        await using var simulation = await Simulation.StartAsync();
        var calls = 0;
        var calledAgain = new TaskCompletionSource();
        using var host = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources).AddSubscription(IndexTrade.Feed, "0001", (in _) =>
            {
                if (++calls == 3)
                    calledAgain.TrySetResult();
                throw new InvalidOperationException("by the handler");
            }));

        await Simulation.WithTimeoutAsync(host.StartAsync());
        await Simulation.WithTimeoutAsync(calledAgain.Task);
        (await simulation.Loggers.LineAsync(1301)).ShouldContain("by the handler");
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    [Fact]
    public async Task A_refused_subscription_is_logged_and_the_others_continue()
    {
        await using var simulation = await Simulation.StartAsync(new SimulatorOptions { HtsId = "AnotherHtsId" });
        var index = new TaskCompletionSource();
        using var host = simulation.CreateHost(services => services.AddKisFeed(simulation.Sources)
            .AddOrderNotices((in _) => { })
            .AddSubscription(IndexTrade.Feed, "0001", (in _) => index.TrySetResult()));

        await Simulation.WithTimeoutAsync(host.StartAsync());
        var message = await simulation.Loggers.LineAsync(2102);
        message.ShouldStartWith("Error 2102 The subscription to H0IFCNI0 failed permanently: ");
        message.ShouldContain("OPSP");
        await Simulation.WithTimeoutAsync(index.Task);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        await Simulation.WithTimeoutAsync(host.StopAsync());
        string.Join('\n', simulation.Loggers.Lines).ShouldNotContain(Simulation.HtsId);
    }

    [Fact]
    public async Task A_refused_subscription_stops_the_host_if_configured()
    {
        await using var simulation = await Simulation.StartAsync();
        using var host = simulation.CreateHost(services => services.AddKisFeed(simulation.Sources)
            .AddSubscription(BondTrade.Feed, "nonsense", (in _) => { })
            .ConfigureHost(o => o with { StopsHostWhenRefused = true }));

        (await Should.ThrowAsync<SubscribeRefusedException>(Simulation.WithTimeoutAsync(host.RunAsync()))).Message
            .ShouldContain("OPSP8992");
        (await simulation.Loggers.LineAsync(2102)).ShouldContain("H0BJCNT0 nonsense");
    }

    [Fact]
    public async Task The_end_of_the_session_stops_the_host_with_the_reason()
    {
        await using var simulation = await Simulation.StartAsync();
        var first = new TaskCompletionSource();
        using var host = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources, o => o with { Reconnect = ReconnectPolicy.Never })
                .AddSubscription(IndexTrade.Feed, "0001", (in _) => first.TrySetResult()));
        var running = host.RunAsync();
        await Simulation.WithTimeoutAsync(first.Task);

        await simulation.Server.StopAsync();
        var reason = await Should.ThrowAsync<ConnectionLostException>(Simulation.WithTimeoutAsync(running));
        (await simulation.Loggers.LineAsync(2101)).ShouldContain(reason.Message);
    }

    [Fact]
    public async Task The_host_continues_without_a_session_if_configured()
    {
        await using var simulation = await Simulation.StartAsync();
        using var host = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources, o => o with { Reconnect = ReconnectPolicy.Never })
                .ConfigureHost(o => o with { StopsHostWhenSessionEnds = false }));
        await Simulation.WithTimeoutAsync(host.StartAsync());

        await simulation.Server.StopAsync();
        (await simulation.Loggers.LineAsync(2101)).ShouldStartWith("Critical 2101 The session has ended permanently");
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    [Fact]
    public async Task An_invalid_configuration_prevents_the_host_from_starting()
    {
        await using var simulation = await Simulation.StartAsync();
        using var withoutKey = simulation.CreateHost(services => services.AddKisFeed(simulation.Sources with { Variable = _ => null }));
        (await Should.ThrowAsync<KisFeedConfigurationException>(withoutKey.StartAsync())).Message
            .ShouldStartWith("KISFEED_APPKEY and KISFEED_APPSECRET are not set");

        using var withoutHtsId = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources, o => o with { HtsId = null }).AddOrderNotices((in _) => { }));
        (await Should.ThrowAsync<KisFeedConfigurationException>(withoutHtsId.StartAsync())).Message.ShouldContain("KISFEED_HTSID");

        using var withoutClock = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources).AddHandler<ProgramTrade, Collector>(ProgramTrade.Consolidated, "005930"));
        (await Should.ThrowAsync<InvalidOperationException>(withoutClock.StartAsync())).Message.ShouldContain(nameof(Clock));
        simulation.Server.Statistics.Sessions.ShouldBe(0);
    }

    [Fact]
    public async Task Starting_does_not_wait_for_a_connection_and_subscriptions_are_confirmed_later()
    {
        using var port = ReservedPort.Take();
        await using var simulation = await Simulation.StartAsync(new SimulatorOptions { Port = port.Number });
        await simulation.Server.StopAsync();
        var index = new TaskCompletionSource();
        using var host = simulation.CreateHost(services => services
            .AddKisFeed(simulation.Sources, o => o with
            {
                Reconnect = new ReconnectPolicy
                {
                    InitialDelay = TimeSpan.FromMilliseconds(10),
                    AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
                    MaxDelay = TimeSpan.FromMilliseconds(50),
                    AttemptsPerMinute = 10_000,
                    AttemptsPerHour = 10_000,
                }
            })
            .AddSubscription(IndexTrade.Feed, "0001", (in _) => index.TrySetResult()));
        await Simulation.WithTimeoutAsync(host.StartAsync());
        host.Services.GetRequiredService<KisFeedClient>().Completion.IsCompleted.ShouldBeFalse();

        await using var restarted = await SimulatorServer.StartAsync(new SimulatorOptions { Port = port.Number, Rate = 500 });
        await Simulation.WithTimeoutAsync(index.Task);
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    [Fact]
    public async Task A_gap_without_a_handler_is_logged()
    {
        await using var simulation = await Simulation.StartAsync();
        using var host = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources).Feeds.Declarations.Add(GapFeed.Declaration));
        await Simulation.WithTimeoutAsync(host.StartAsync());

        (await simulation.Loggers.LineAsync(2103)).ShouldStartWith("Warning 2103 H0UPCNT0 key: data may be missing: Gap { ");
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    [Fact]
    public async Task A_blocked_handler_does_not_prevent_the_host_from_stopping()
    {
        await using var simulation = await Simulation.StartAsync();
        using var release = new ManualResetEventSlim();
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = simulation.CreateHost(
            services => services.AddKisFeed(simulation.Sources).AddSubscription(IndexTrade.Feed, "0001", (in _) =>
            {
                called.TrySetResult();
                release.Wait();
            }));
        await Simulation.WithTimeoutAsync(host.StartAsync());
        await Simulation.WithTimeoutAsync(called.Task);

        using var shutdown = new CancellationTokenSource();
        var stopping = host.StopAsync(shutdown.Token);
        await Simulation.WithTimeoutAsync(host.Services.GetRequiredService<KisFeedClient>().Completion);
        await shutdown.CancelAsync();
        await Simulation.WithTimeoutAsync(stopping);
        (await simulation.Loggers.LineAsync(2104)).ShouldStartWith("Warning 2104");
        release.Set();
    }

    [Fact]
    public void Order_notices_are_subscribed_to_once_per_HTS_ID()
    {
        var options = new KisFeedOptions
        {
            HtsId = "A",
            AdditionalAppKeys =
            [
                new AppCredentials { AppKey = "k", AppSecret = "s", HtsId = "B" },
                new AppCredentials { AppKey = "l", AppSecret = "s", HtsId = "A" },
                new AppCredentials { AppKey = "m", AppSecret = "s" },
            ],
        };

        HtsIds.Of(options).ShouldBe(["A", "B"]);
    }

    private sealed class FirstNotice : IFeedHandler<OverseasOrderNotice>
    {
        private readonly TaskCompletionSource<OverseasOrderNotice> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<OverseasOrderNotice> Task => _first.Task;

        public void OnRecord(in OverseasOrderNotice record) => _first.TrySetResult(record);

        public void OnEvent(FeedEvent feedEvent)
        {
        }
    }
}
