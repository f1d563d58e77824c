using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Consumers;

namespace KisFeed.Gateway.Tests;

public sealed class GatewayOptionsTests
{
    private static readonly GatewayOptions s_good = new() { Upstream = TestGateway.ClientOf(new Uri("ws://127.0.0.1:1")) };

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public async Task A_public_address_without_tokens_is_refused(string address)
    {
        var error = await Should.ThrowAsync<ArgumentException>(() => GatewayServer.StartAsync(s_good with { Address = address }));

        error.ParamName.ShouldBe(nameof(GatewayOptions.Address));
        error.Message.ShouldContain(nameof(GatewayOptions.AllowAnonymous));
        error.Message.ShouldContain("kisfeed gateway token add");
        var allowed = s_good with { Address = address, AllowAnonymous = true };
        allowed.ValidateOpen(allowed.Validate());
    }

    [Fact]
    public async Task A_public_address_requires_a_token_file_with_consumers()
    {
        using var testConsumers = new TestConsumers();
        var options = s_good with { Address = "0.0.0.0", TokenFile = testConsumers.TokenFile, OpenUntilTokenFileExists = true };

        var error = await Should.ThrowAsync<ArgumentException>(() => GatewayServer.StartAsync(options));
        error.Message.ShouldContain(testConsumers.TokenFile);
        await testConsumers.AddAsync("anna");
        await using var gateway = await GatewayServer.StartAsync(options);

        using var rest = new RestClient(gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        (await rest.ApproveAsync(testConsumers["anna"].AppKey, testConsumers["anna"].AppSecret)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_unusable_token_file_prevents_the_start()
    {
        using var folder = new TokenFolder();
        folder.Write("{");
        var error = await Should.ThrowAsync<KisFeedConfigurationException>(
            () => GatewayServer.StartAsync(s_good with { TokenFile = folder.FilePath }));
        error.Message.ShouldContain(folder.FilePath);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void A_loopback_address_needs_no_tokens(string address) => s_good.ValidateOpen((s_good with { Address = address }).Validate());

    [Fact]
    public void Every_invalid_option_is_named()
    {
        InvalidOptionOf(s_good with { Port = 65536 }).ShouldBe(nameof(GatewayOptions.Port));
        InvalidOptionOf(s_good with { Address = "example" }).ShouldBe(nameof(GatewayOptions.Address));
        InvalidOptionOf(s_good with { Source = (DataSource)3 }).ShouldBe(nameof(GatewayOptions.Source));
        InvalidOptionOf(s_good with { DashboardKeys = [new GatewayKey(IndexTrade.Feed.Schema, "KOSPI")] })
            .ShouldBe(nameof(GatewayOptions.DashboardKeys));
        InvalidOptionOf(s_good with { DashboardKeys = [new GatewayKey(OrderNotice.Feed.Schema, "anna")] })
            .ShouldBe(nameof(GatewayOptions.DashboardKeys));
        InvalidOptionOf(s_good with { Instruments = null! }).ShouldBe(nameof(GatewayOptions.Instruments));
        InvalidOptionOf(s_good with { Instruments = [new Instrument(InstrumentKind.Stock, "", "삼성전자")] })
            .ShouldBe(nameof(GatewayOptions.Instruments));
        InvalidOptionOf(s_good with { PageGrace = TimeSpan.FromTicks(-1) }).ShouldBe(nameof(GatewayOptions.PageGrace));
        InvalidOptionOf(s_good with { ReleaseGrace = TimeSpan.FromTicks(-1) }).ShouldBe(nameof(GatewayOptions.ReleaseGrace));
        InvalidOptionOf(s_good with { RegisterTimeout = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.RegisterTimeout));
        InvalidOptionOf(s_good with { MaxRegistrations = 0 }).ShouldBe(nameof(GatewayOptions.MaxRegistrations));
        InvalidOptionOf(s_good with { MaxConnections = 0 }).ShouldBe(nameof(GatewayOptions.MaxConnections));
        InvalidOptionOf(s_good with { MaxConnectionsPerAddress = 0 }).ShouldBe(nameof(GatewayOptions.MaxConnectionsPerAddress));
        InvalidOptionOf(s_good with { MaxQueueBytes = 1 }).ShouldBe(nameof(GatewayOptions.MaxQueueBytes));
        InvalidOptionOf(s_good with { StreamQueueBytes = 1 }).ShouldBe(nameof(GatewayOptions.StreamQueueBytes));
        InvalidOptionOf(s_good with { StreamHeartbeat = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.StreamHeartbeat));
        InvalidOptionOf(s_good with { ReplayBufferAge = TimeSpan.FromTicks(-1) }).ShouldBe(nameof(GatewayOptions.ReplayBufferAge));
        InvalidOptionOf(s_good with { ReplayBufferBytes = -1 }).ShouldBe(nameof(GatewayOptions.ReplayBufferBytes));
        InvalidOptionOf(s_good with { HeartbeatInterval = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.HeartbeatInterval));
        InvalidOptionOf(s_good with { TokenReloadInterval = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.TokenReloadInterval));
        InvalidOptionOf(s_good with { AllowedOrigins = null! }).ShouldBe(nameof(GatewayOptions.AllowedOrigins));
        InvalidOptionOf(s_good with { Limits = null! }).ShouldBe(nameof(GatewayOptions.Limits));
        Should.Throw<KisFeedConfigurationException>(
            () => (s_good with { Limits = ConsumerLimits.Default with { MaxConnections = 0 } }).Validate());
        InvalidOptionOf(s_good with { Upstream = null! }).ShouldBe(nameof(GatewayOptions.Upstream));
        Should.Throw<KisFeedConfigurationException>(() => (s_good with { Upstream = new KisFeedOptions() }).Validate());
        Should.Throw<KisFeedConfigurationException>(
            () => (s_good with { Upstream = s_good.Upstream.Service! with { MaxRegistrations = 0 } }).Validate());
    }

    [Fact]
    public void Frames_from_elsewhere_need_no_credentials_but_an_environment_and_room_for_keys()
    {
        var options = s_good with { Upstream = FramesOf(KisEnvironment.Mock, 1), Keep = [new GatewayKey(IndexTrade.Feed.Schema, "0001")] };

        options.Validate();

        options.Upstream.Service.ShouldBeNull();
        options.Upstream.Environment.ShouldBe(KisEnvironment.Mock);
        InvalidOptionOf(options with { Keep = [.. options.Keep, new GatewayKey(IndexTrade.Feed.Schema, "1001")] })
            .ShouldBe(nameof(GatewayOptions.Keep));
        Should.Throw<ArgumentException>(() => FramesOf(KisEnvironment.Mock, 0)).ParamName.ShouldBe("maxRegistrations");
        Should.Throw<ArgumentException>(() => FramesOf((KisEnvironment)9, 1)).ParamName.ShouldBe("environment");

        static GatewaySource FramesOf(KisEnvironment environment, int maxRegistrations) =>
            GatewaySource.FromFrames(_ => throw new InvalidOperationException(), environment, maxRegistrations);
    }

    [Theory]
    [InlineData(4_000, null, 1_000)]
    [InlineData(40, null, 32)]
    [InlineData(4_000, 3, 3)]
    public void One_address_is_limited_to_a_share_of_all_connections(int all, int? said, int share) =>
        (s_good with { MaxConnections = all, MaxConnectionsPerAddress = said }).ConnectionsOfAddress.ShouldBe(share);

    [Fact]
    public void The_text_of_the_options_contains_no_secret() =>
        s_good.ToString().ShouldNotContain(TestCredentials.AppSecret);

    private static string? InvalidOptionOf(GatewayOptions options) => Should.Throw<ArgumentException>(options.Validate).ParamName;
}
