using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Consumers;

/// <summary>The audit trail: one line for each action.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task Each_action_of_consumers_and_operators_is_one_line()
    {
        await _testConsumers.AddAsync(
            "anna", notices: true, quota: new ConsumerQuota(Slots: null, Connections: 1, RequestsPerSecond: null));
        await using var testGateway = await TestGateway.OpenAsync(consumers: _testConsumers);
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        (await anna.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await anna.RegisterAsync("H0IFCNI0", "Anna")).IsSuccess.ShouldBeTrue();
        await using var second = await _testConsumers.ConnectAsync(testGateway, "anna");
        (await second.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeFalse();
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        (await testGateway.GetAsync("/v1/status", "Authorization: Bearer made-up")).Status.ShouldBe(401);

        await _testConsumers.AddAsync("boris", feeds: [TestGateway.Index]);
        testGateway.Gateway.ReloadConsumers();
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:1001", _testConsumers.Basic("boris"));
        (await testGateway.GetAsync("/v1/stream?subscribe=notice:Anna", _testConsumers.Basic("boris"))).Status.ShouldBe(403);

        testGateway.Log.Messages.Where(message => message.Id is > 400 and <= 410).Select(message => message.Text).ShouldBe(
        [
            $"Token file read: {_testConsumers.TokenFile}, 1 consumers",
            "Login accepted: consumer anna from 127.0.0.1 with app key and secret",
            "Session began: consumer anna from 127.0.0.1, the broker's protocol",
            "Subscribed: consumer anna from 127.0.0.1 to H0UPCNT0 0001",
            "Order notices granted: consumer anna from 127.0.0.1, H0IFCNI0",
            "Limit hit: consumer anna, Connections. 0 similar messages were skipped",
            "Login refused: from 127.0.0.1 with app key and secret. 0 similar messages were skipped",
            "Login refused: from 127.0.0.1 with an approval key. 0 similar messages were skipped",
            "Operator action: read the token file again",
            $"Token file read: {_testConsumers.TokenFile}, 2 consumers",
            "Consumer boris has new credentials",
            "Login accepted: consumer boris from 127.0.0.1 with app key and secret",
            "Session began: consumer boris from 127.0.0.1, server-sent events",
            "Subscribed: consumer boris from 127.0.0.1 to H0UPCNT0 1001",
            "Right refused: consumer boris from 127.0.0.1 to H0IFCNI0",
        ]);
    }
}
