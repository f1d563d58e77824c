using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

/// <summary>Servers that answer the handshake with something other than a WebSocket.</summary>
public sealed class HandshakeTests
{
    private static readonly ReconnectPolicy s_quick = new()
    {
        InitialDelay = TimeSpan.FromMilliseconds(10),
        MaxDelay = TimeSpan.FromMilliseconds(10),
        AttemptsPerMinute = 1000,
        AttemptsPerHour = 1000,
        MaxRefusedDelay = TimeSpan.FromMilliseconds(10),
        GiveUpAfter = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task A_temporarily_unavailable_service_is_retried()
    {
        await using var server = await StartAsync(StatusCodes.Status503ServiceUnavailable, refusals: 6);
        await using var client = KisFeedClient.Start(OptionsFor(server));
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001").WaitAsync(Patience.Limit);
        client.Sessions.Single().Phase.ShouldBe(SessionPhase.Open);
    }

    [Theory]
    [InlineData(StatusCodes.Status403Forbidden)]
    [InlineData(StatusCodes.Status404NotFound)]
    [InlineData(StatusCodes.Status200OK)]
    public async Task A_service_that_rejects_connections_opens_the_circuit(int status)
    {
        await using var server = await StartAsync(status, refusals: int.MaxValue);
        await using var client = KisFeedClient.Start(OptionsFor(server));
        var error = await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001")
            .WaitAsync(Patience.Limit));
        error.Reason.ShouldBe(HaltReason.Fruitless);
        error.Message.ShouldContain($"{status}");
    }

    [Fact]
    public async Task A_redirection_is_not_followed()
    {
        var visits = 0;
        await using var target = await ScriptedServer.StartAsync(
            ScriptedServer.ReceiveAsync, onRequest: _ => Interlocked.Increment(ref visits));
        await using var server = await StartAsync(
            StatusCodes.Status302Found, refusals: int.MaxValue, location: $"http://{target.Url.Authority}/tryitout");
        await using var client = KisFeedClient.Start(OptionsFor(server));
        var error = await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001")
            .WaitAsync(Patience.Limit));
        error.Message.ShouldContain($"the server redirects to http://{target.Url.Authority}/tryitout (HTTP 302), which is not followed: "
            + "use that address if it is the right one");
        visits.ShouldBe(0);
    }

    private static KisFeedOptions OptionsFor(WebApplication server) => new()
    {
        AppKey = Simulation.AppKey,
        AppSecret = Simulation.AppSecret,
        WebSocketUrl = new UriBuilder(server.Urls.Single()) { Scheme = "ws" }.Uri,
        Reconnect = s_quick,
    };

    private static async Task<WebApplication> StartAsync(int status, int refusals, string? location = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.UseWebSockets();
        server.MapPost(
            "/oauth2/Approval", () => Results.Content("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""", "application/json"));
        server.Map("/tryitout", async (HttpContext context) =>
        {
            if (Interlocked.Decrement(ref refusals) >= 0)
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = location;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.ReceiveAsync(socket);
        });
        await server.StartAsync();
        return server;
    }
}
