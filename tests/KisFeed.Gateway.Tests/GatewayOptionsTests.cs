using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests;

public sealed class GatewayOptionsTests
{
    private static readonly GatewayOptions s_good = new() { Upstream = Stage.ClientOf(new Uri("ws://127.0.0.1:1")) };

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public async Task An_address_that_others_can_reach_is_refused_where_everybody_would_be_let_in(string address)
    {
        var error = await Should.ThrowAsync<ArgumentException>(() => GatewayServer.StartAsync(s_good with { Address = address }));

        error.ParamName.ShouldBe(nameof(GatewayOptions.Address));
        error.Message.ShouldContain(nameof(GatewayOptions.AllowEverybody));
        (s_good with { Address = address, AllowEverybody = true }).Validate().ToString().ShouldBe(address);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void An_address_of_this_machine_alone_is_fine(string address) => (s_good with { Address = address }).Validate();

    [Fact]
    public void Every_option_that_cannot_be_is_named()
    {
        Named(s_good with { Port = 65536 }).ShouldBe(nameof(GatewayOptions.Port));
        Named(s_good with { Address = "example" }).ShouldBe(nameof(GatewayOptions.Address));
        Named(s_good with { ReleaseGrace = TimeSpan.FromTicks(-1) }).ShouldBe(nameof(GatewayOptions.ReleaseGrace));
        Named(s_good with { RegisterTimeout = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.RegisterTimeout));
        Named(s_good with { MaxRegistrations = 0 }).ShouldBe(nameof(GatewayOptions.MaxRegistrations));
        Named(s_good with { MaxConnections = 0 }).ShouldBe(nameof(GatewayOptions.MaxConnections));
        Named(s_good with { MaxQueueBytes = 1 }).ShouldBe(nameof(GatewayOptions.MaxQueueBytes));
        Named(s_good with { HeartbeatInterval = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.HeartbeatInterval));
        Named(s_good with { HeartbeatTimeout = TimeSpan.Zero }).ShouldBe(nameof(GatewayOptions.HeartbeatTimeout));
        Should.Throw<KisFeedConfigurationException>(() => (s_good with { Upstream = new KisFeedOptions() }).Validate());
    }

    [Fact]
    public void No_secret_is_in_the_text_of_the_options() =>
        s_good.ToString().ShouldNotContain(TestCredentials.AppSecret);

    private static string? Named(GatewayOptions options) => Should.Throw<ArgumentException>(options.Validate).ParamName;
}
