using System.Net;
using System.Net.WebSockets;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>How much one consumer may use, and that no other notices when it tries more.</summary>
public sealed class LimitTests : IDisposable
{
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    private readonly Household _household = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task A_session_that_sends_too_much_is_read_more_slowly_and_closed_when_it_goes_on()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 });
        await using var bystander = await Bystander.ConnectAsync(stage, await _household.ApprovalKeyAsync(stage, "boris"));
        await using var flood = await _household.ConnectAsync(stage, "anna");
        for (var i = 0; i < 100; i++)
            await flood.SendAsync(FeedClient.Request(flood.ApprovalKey, "2", Stage.Index, "0001"));

        for (var held = 0; held < 10; held++)
        {
            await _time.TimerDueInAsync(s_hold);
            stage.Gateway.Status.Floods.ShouldBe(0);
            await bystander.GoesOnAsync();
            _time.Advance(s_hold);
        }

        var answers = 0;
        while (await flood.ReceiveAsync() is not null)
            answers++;
        answers.ShouldBe(5 + 10);
        flood.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        flood.Socket.CloseStatusDescription.ShouldBe("too many requests: this client exceeds the request limit");
        stage.Gateway.Status.Floods.ShouldBe(1);
        await bystander.GoesOnAsync();
    }

    [Fact]
    public async Task Who_is_held_back_now_and_then_stays()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 });
        await using var client = await _household.ConnectAsync(stage, "anna");
        for (var round = 0; round < 15; round++)
        {
            for (var i = 0; i < 5; i++)
                await client.RegisterAsync(Stage.Index, "x");
            var last = client.RegisterAsync(Stage.Index, "x");
            await _time.TimerDueInAsync(s_hold);
            last.IsCompleted.ShouldBeFalse();
            _time.Advance(s_hold);
            (await last).Code.ShouldBe(BrokerCode.InvalidTrKey);
            _time.Advance(TimeSpan.FromSeconds(11));
        }

        stage.Gateway.Status.Floods.ShouldBe(0);
    }

    [Fact]
    public async Task A_session_may_register_all_that_it_may_have_in_one_go()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default);
        await using var client = await _household.ConnectAsync(stage, "anna");
        for (var i = 0; i < 41; i++)
            await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UNPGM0", $"{i:000000}"));
        for (var i = 0; i < 41; i++)
            FeedClient.Parse(await client.ReceiveControlAsync()).IsSuccess.ShouldBeTrue();
        (await client.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.TooManySubscriptions);
    }

    [Fact]
    public async Task Registrations_over_all_connections_are_bounded_and_counted()
    {
        const int Most = 50;
        await using var stage = await OpenAsync(ConsumerLimits.Default with { MaxRegistrations = Most });
        await using var bystander = await Bystander.ConnectAsync(stage, await _household.ApprovalKeyAsync(stage, "boris"));
        await using var one = await _household.ConnectAsync(stage, "anna");
        await using var other = await _household.ConnectAsync(stage, "anna");
        for (var i = 0; i < 30; i++)
            (await one.RegisterAsync("H0UNPGM0", $"{i:000000}")).IsSuccess.ShouldBeTrue();
        var codes = new List<BrokerCode>();
        for (var i = 0; i < 30; i++)
            codes.Add((await other.RegisterAsync("H0UNPGM0", $"{i:000000}")).Code);

        codes.Count(code => code == BrokerCode.SubscribeSuccess).ShouldBe(Most - 30);
        codes.Count(code => code == BrokerCode.TooManySubscriptions).ShouldBe(10);
        var usage = stage.Gateway.Accounts.All.Single(a => a.Name == "anna").Usage;
        usage.Registrations.ShouldBe(Most);
        usage.RefusedBy(ConsumerLimit.Registrations).ShouldBe(10);
        await bystander.GoesOnAsync();
    }

    [Fact]
    public async Task A_message_that_is_too_long_closes_its_connection_alone()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default);
        await using var bystander = await Bystander.ConnectAsync(stage, await _household.ApprovalKeyAsync(stage, "boris"));
        await using var stranger = await FeedClient.ConnectAsync(stage.Url, Guid.NewGuid().ToString());
        await using var anna = await _household.ConnectAsync(stage, "anna");
        await anna.RegisterAsync("H0BJCNT0", "KR103502GC97");

        await anna.SendAsync(new string('x', 16 * 1024));
        FeedClient.Parse(await anna.ReceiveControlAsync()).IsSuccess.ShouldBeFalse();
        foreach (var client in (FeedClient[])[anna, stranger])
        {
            await client.SendAsync(new string('x', (16 * 1024) + 1));
            while (await client.ReceiveAsync() is not null)
            {
                // What was on its way.
            }

            client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.MessageTooBig);
        }

        stage.Gateway.Accounts.All.Single(a => a.Name == "anna").Usage.RefusedBy(ConsumerLimit.MessageBytes).ShouldBe(1);
        stage.Gateway.Refusals.Of(RefusalReason.MessageBytes).ShouldBe(1);
        await bystander.GoesOnAsync();
    }

    [Fact]
    public async Task Keys_are_not_issued_more_often_than_a_consumer_may_ask()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 3 });
        for (var i = 0; i < 3; i++)
            (await ApproveAsync(stage, "anna")).Code.ShouldBeNull();

        (await ApproveAsync(stage, "anna")).ShouldBe((403, "EGW00201"));

        (await ApproveAsync(stage, "boris")).Code.ShouldBeNull();
        stage.Gateway.Accounts.All.Single(a => a.Name == "anna").Usage.RefusedBy(ConsumerLimit.Requests).ShouldBe(1);
        _time.Advance(s_hold);
        (await ApproveAsync(stage, "anna")).Code.ShouldBeNull();
    }

    [Fact]
    public async Task Wrong_credentials_are_told_to_wait_after_a_few_and_right_ones_are_always_heard()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default);
        await using var bystander = await Bystander.ConnectAsync(stage, await _household.ApprovalKeyAsync(stage, "boris"));
        var wrong = ConsumerCredentials.Create();
        using var rest = new RestClient(stage.Gateway.RestUrl);
        for (var i = 0; i < AuthenticationThrottle.Burst; i++)
            CodeOf(await rest.ApproveAsync(_household["anna"].AppKey, wrong.AppSecret)).ShouldBe((403, "EGW00103"));

        CodeOf(await rest.ApproveAsync(wrong.AppKey, wrong.AppSecret)).ShouldBe((403, "EGW00201"));
        (await ApproveAsync(stage, "anna")).Code.ShouldBeNull("good ones do not suffer for others' wrong ones");

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_household["anna"].AppKey}:{_household["anna"].AppSecret}")));
        (await http.GetAsync(new Uri(stage.Gateway.RestUrl, "/v1/status"))).StatusCode.ShouldBe(HttpStatusCode.OK);

        stage.Gateway.Refusals.Of(RefusalReason.Credentials).ShouldBe(AuthenticationThrottle.Burst);
        stage.Gateway.Refusals.Of(RefusalReason.TooManyFailures).ShouldBe(1);
        await bystander.GoesOnAsync();
        _time.Advance(s_hold);
        CodeOf(await rest.ApproveAsync(wrong.AppKey, wrong.AppSecret)).ShouldBe((403, "EGW00103"));
    }

    private static (int Status, string? Code) CodeOf((int Status, System.Text.Json.JsonElement Body) answer) =>
        (answer.Status, answer.Body.TryGetProperty("error_code", out var code) ? code.GetString() : null);

    private async Task<(int Status, string? Code)> ApproveAsync(Stage stage, string name)
    {
        using var rest = new RestClient(stage.Gateway.RestUrl);
        return CodeOf(await rest.ApproveAsync(_household[name].AppKey, _household[name].AppSecret));
    }

    private async Task<Stage> OpenAsync(ConsumerLimits limits)
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        return await Stage.OpenAsync(
            with: options => options with { TokenFile = _household.TokenFile, TokenReloadInterval = TimeSpan.FromHours(1), Limits = limits, TimeProvider = _time, HeartbeatInterval = TimeSpan.FromHours(1) },
            upstream: options => options with { MaxRegistrations = 100 },
            simulator: new Simulator.SimulatorOptions { Rate = 1_000, MaxRegistrations = 100 });
    }
}
