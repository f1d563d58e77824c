using System.Diagnostics;
using System.Net.WebSockets;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class ActivityTests
{
    [Fact]
    public async Task Connection_attempts_and_subscriptions_are_activities()
    {
        await using var server = await StartAsync();
        using var activities = new RecordedActivities("traced-activity");
        var address = new UriBuilder(server.WebSocketUrl) { UserName = "me", Password = "hidden", Query = "token=hidden" }.Uri;
        var options = OptionsFor(server) with { ClientName = "traced-activity", WebSocketUrl = address };
        using var caller = new Activity("caller").Start();
        await using (var client = await KisFeedClient.ConnectAsync(options))
        {
            var connect = await activities.NextAsync();
            connect.DisplayName.ShouldBe("kisfeed.connect");
            connect.ParentSpanId.ShouldBe(caller.SpanId);
            TagsOf(connect).ShouldBe(
                [
                    "kisfeed.approval_key.fresh=True", "kisfeed.client=traced-activity", "kisfeed.outcome=connected", "kisfeed.session=1",
                    $"url.full={server.WebSocketUrl}tryitout",
                ]);
            connect.Status.ShouldBe(ActivityStatusCode.Unset);

            await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
            var subscribe = await activities.NextAsync();
            subscribe.DisplayName.ShouldBe("kisfeed.subscribe");
            subscribe.ParentSpanId.ShouldBe(caller.SpanId);
            TagsOf(subscribe).ShouldBe(
                ["kisfeed.client=traced-activity", "kisfeed.feed=H0UPCNT0", "kisfeed.outcome=confirmed", "kisfeed.session=1"]);
            Activity.Current.ShouldBe(caller);
        }

        await using var second = await KisFeedClient.ConnectAsync(options);
        (await activities.NextAsync()).GetTagItem("kisfeed.approval_key.fresh").ShouldBe(false);
    }

    [Fact]
    public async Task A_refusal_is_an_error_with_the_broker_code()
    {
        await using var server = await StartAsync();
        using var activities = new RecordedActivities("refused-activity");
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { ClientName = "refused-activity" });
        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(BondTrade.Feed, "x"));
        await activities.NextAsync();
        var subscribe = await activities.NextAsync();
        subscribe.GetTagItem("kisfeed.outcome").ShouldBe("refused");
        subscribe.GetTagItem("kisfeed.broker.code").ShouldBe("OPSP8992");
        subscribe.GetTagItem("error.type").ShouldBe(nameof(SubscribeRefusedException));
        subscribe.Status.ShouldBe(ActivityStatusCode.Error);
        subscribe.StatusDescription.ShouldBe(refusal.Message);
    }

    [Fact]
    public async Task A_failed_attempt_has_its_error()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server) with { ClientName = "failed-activity" };
        await server.StopAsync();
        using var activities = new RecordedActivities("failed-activity");
        var error = await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(options));
        var connect = await activities.NextAsync();
        connect.GetTagItem("kisfeed.outcome").ShouldBe("unreachable");
        connect.GetTagItem("kisfeed.approval_key.fresh").ShouldBeNull();
        connect.StatusDescription.ShouldBe(error.Message);
    }

    [Fact]
    public async Task A_reconnect_has_no_parent()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            if (Interlocked.Increment(ref connections) == 1)
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var activities = new RecordedActivities("again-activity");
        using var caller = new Activity("caller").Start();
        var policy =
            ReconnectPolicy.Default with { InitialDelay = TimeSpan.FromMilliseconds(1), AppKeyInUseDelay = TimeSpan.FromMilliseconds(20) };
        await using var client = await KisFeedClient.ConnectAsync(
            server.Options with { ClientName = "again-activity", Reconnect = policy });
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        Activity?[] ended = [await activities.NextAsync(), await activities.NextAsync(), await activities.NextAsync()];
        ended.Where(a => a!.DisplayName == "kisfeed.connect").Select(a => a!.ParentSpanId).ShouldBe([caller.SpanId, default]);
    }

    [Fact]
    public async Task Trace_context_is_not_sent_to_the_broker()
    {
        var headers = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await using var server = await ScriptedServer.StartAsync(
            ScriptedServer.ReceiveAsync, onRequest: request => headers.UnionWith(request.Headers.Keys));
        using var activities = new RecordedActivities("identity-activity");
        using var caller = new Activity("caller").Start();
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "identity-activity" });
        headers.Contains("Sec-WebSocket-Key").ShouldBeTrue();
        headers.Contains("Content-Length").ShouldBeTrue();
        headers.Contains("traceparent").ShouldBeFalse();
        headers.Contains("Request-Id").ShouldBeFalse();
    }

    [Fact]
    public async Task An_exception_of_a_listener_does_not_affect_the_client()
    {
        await using var server = await StartAsync();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KisFeedDiagnostics.ActivitySourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if ("throwing-activity".Equals(activity.GetTagItem("kisfeed.client")))
                    throw new InvalidOperationException();
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { ClientName = "throwing-activity" });
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        (await TakeAsync(index.ReadAllAsync(), 1)).Count.ShouldBe(1);
    }

    private static IEnumerable<string> TagsOf(Activity activity) =>
        activity.TagObjects.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal);
}
