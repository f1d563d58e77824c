using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Gateway.Tests.Web.Streaming;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Consumers;

/// <summary>Who did what is one line each.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task What_consumers_and_operators_do_is_one_line_each()
    {
        await _household.AddAsync("anna", notices: true, quota: new ConsumerQuota(Places: null, Connections: 1, RequestsPerSecond: null));
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 200 }, options => options with { TokenFile = _household.TokenFile });
        await using var anna = await _household.ConnectAsync(stage, "anna");
        (await anna.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await anna.RegisterAsync("H0IFCNI0", "Anna")).IsSuccess.ShouldBeTrue();
        await using var second = await _household.ConnectAsync(stage, "anna");
        (await second.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeFalse();
        using var rest = new RestClient(stage.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        (await stage.GetAsync("/v1/status", "Authorization: Bearer made-up")).Status.ShouldBe(401);

        await _household.AddAsync("boris", feeds: [Stage.Index]);
        stage.Gateway.ReloadConsumers();
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:1001", ("Authorization", WebClient.Basic(_household["boris"])["Authorization: ".Length..]));
        (await stage.GetAsync("/v1/stream?subscribe=notice:Anna", WebClient.Basic(_household["boris"]))).Status.ShouldBe(403);

        stage.Log.Messages.Where(message => message.Id is > 400 and <= 410).Select(message => message.Text).ShouldBe(
        [
            $"Token file read: {_household.TokenFile}, 1 consumers",
            "Login accepted: consumer anna from 127.0.0.1 with app key and secret",
            "Session began: consumer anna from 127.0.0.1, the broker's protocol",
            "Subscribed: consumer anna from 127.0.0.1 to H0UPCNT0 0001",
            "Order notices granted: consumer anna from 127.0.0.1, H0IFCNI0",
            "Limit hit: consumer anna, Connections. 0 similar messages were skipped",
            "Login refused: from 127.0.0.1 with app key and secret. 0 similar messages were skipped",
            "Login refused: from 127.0.0.1 with an approval key. 0 similar messages were skipped",
            "Operator action: read the token file again",
            $"Token file read: {_household.TokenFile}, 2 consumers",
            "Consumer boris has new credentials",
            "Login accepted: consumer boris from 127.0.0.1 with app key and secret",
            "Session began: consumer boris from 127.0.0.1, server-sent events",
            "Subscribed: consumer boris from 127.0.0.1 to H0UPCNT0 1001",
            "Right refused: consumer boris from 127.0.0.1 to H0IFCNI0",
        ]);
    }
}
