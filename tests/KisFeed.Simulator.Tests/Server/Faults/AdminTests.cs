using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Simulator.Tests.Server.Faults;

public sealed class AdminTests
{
    private static readonly SimulatorOptions s_quiet = new() { TimeProvider = new ManualTimeProvider(), Admin = true };

    [Fact]
    public async Task Status_is_shown_without_secrets()
    {
        await using var server = await SimulatorServer.StartAsync(
            s_quiet with { Faults = SimulatorFaults.Parse("drop-after=200", "refuse=OPSP0008:2") });
        var appKey = TestCredentials.NewAppKey();
        await using var client = await FeedClient.ConnectAsync(
            server.WebSocketUrl, await RestClient.ApprovalKeyAsync(server.RestUrl, appKey));
        await client.RegisterAsync("H0IFCNI0", "anna");
        await client.RegisterAsync("H0IFCNI0", "anna");
        await client.RegisterAsync("H0IFCNI0", "anna");

        var (status, body) = await AskAsync(server, HttpMethod.Get, "/admin/faults");

        status.ShouldBe(HttpStatusCode.OK);
        body.ShouldBe(
            """{"faults":["drop-after=200","refuse=OPSP0008:2"],"sessions":[{"session":1,"registrations":1,"frames_sent":0"""
            + ""","silent":false}],"statistics":"""
            + """{"sessions":1,"registrations":1,"frames_sent":0,"records_sent":0,"connections_accepted":1,"approval_keys_issued":1}}""");
    }

    [Fact]
    public async Task Faults_can_be_replaced()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { Faults = SimulatorFaults.Parse("drop-after=200") });

        var (status, body) = await AskAsync(server, HttpMethod.Put, "/admin/faults", """{"faults":["split-frames","kick-on-connect=1"]}""");

        status.ShouldBe(HttpStatusCode.OK);
        body.ShouldStartWith("""{"faults":["kick-on-connect=1","split-frames"],""");
        server.Faults.ShouldBe(new SimulatorFaults { SplitFrames = true, KickOnConnect = 1 });
        await using (var closed = await FeedClient.ConnectAsync(server.WebSocketUrl))
            (await closed.ReceiveAsync()).ShouldBeNull();
        (await AskAsync(server, HttpMethod.Put, "/admin/faults", """{"faults":[]}""")).Status.ShouldBe(HttpStatusCode.OK);
        server.Faults.ShouldBe(SimulatorFaults.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"faults":"drop-after=200"}""")]
    [InlineData("""{"faults":[200]}""")]
    [InlineData("""{"faults":["drop-after=200","drop-after"]}""", "lacks a value: write drop-after=N")]
    public async Task Invalid_faults_are_rejected_and_change_nothing(string content, string error = "the body must be JSON such as")
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { Faults = SimulatorFaults.Parse("drop-after=100") });

        var (status, body) = await AskAsync(server, HttpMethod.Put, "/admin/faults", content);

        status.ShouldBe(HttpStatusCode.BadRequest);
        JsonSerializer.Deserialize<JsonElement>(body).GetProperty("error").GetString()!.ShouldContain(error);
        server.Faults.ShouldBe(new SimulatorFaults { DropAfter = 100 });
    }

    [Fact]
    public async Task All_connections_or_one_can_be_dropped_and_silenced()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var first = await RawClient.ConnectAsync(server.WebSocketUrl);
        await first.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        await using var second = await RawClient.ConnectAsync(server.WebSocketUrl);
        await second.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");

        (await AskAsync(server, HttpMethod.Post, "/admin/silence?session=2")).Body.ShouldBe("""{"silenced":1}""");
        server.Sessions.Select(session => session.IsSilent).ShouldBe([false, true]);
        (await AskAsync(server, HttpMethod.Post, "/admin/drop?session=1")).Body.ShouldBe("""{"dropped":1}""");
        (await first.ReceiveAllAsync()).ShouldBeEmpty();
        (await AskAsync(server, HttpMethod.Post, "/admin/drop?session=7")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync(server, HttpMethod.Post, "/admin/drop?session=x")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await AskAsync(server, HttpMethod.Post, "/admin/drop")).Status.ShouldBe(HttpStatusCode.OK);
        (await second.ReceiveAllAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Admin_endpoints_are_disabled_by_default()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { Admin = false });
        (await AskAsync(server, HttpMethod.Get, "/admin/faults")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await AskAsync(server, HttpMethod.Post, "/admin/drop")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("192.0.2.7", false)]
    [InlineData("::ffff:192.0.2.7", false)]
    [InlineData("2001:db8::7", false)]
    [InlineData(null, false)]
    public async Task Only_local_requests_are_served(string? remote, bool isServed)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        var wasServed = false;

        await AdminEndpoints.Guard(_ =>
        {
            wasServed = true;
            return Task.CompletedTask;
        })(context);

        wasServed.ShouldBe(isServed);
        context.Response.StatusCode.ShouldBe(isServed ? 200 : 403);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        SimulatorServer server, HttpMethod method, string path, string content = "")
    {
        using var http = new HttpClient { BaseAddress = server.RestUrl, Timeout = Patience.Limit };
        using var request = new HttpRequestMessage(method, path)
        {
            Content = method == HttpMethod.Put ? new StringContent(content, Encoding.UTF8, "application/json") : null,
        };
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
