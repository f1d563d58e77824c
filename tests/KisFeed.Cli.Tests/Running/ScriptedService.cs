using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace KisFeed.Cli.Tests.Running;

/// <summary>
/// A service that acknowledges every registration, sends fixed messages after a number of them, and then
/// closes the connection or stays silent.
/// </summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ScriptedService(WebApplication application) => _application = application;

    public Dictionary<string, string> Variables =>
        Service.VariablesFor(_application.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>().Addresses.First().Replace("http", "ws"));

    public static async Task<ScriptedService> StartAsync(int registrations, bool closesConnection, params byte[][] messages)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        application.MapPost("/oauth2/Approval", (RequestDelegate)(context => context.Response.WriteAsync("""{"approval_key":"key"}""")));
        application.MapGet("/tryitout", (RequestDelegate)(context => RespondAsync(context, registrations, closesConnection, messages)));
        await application.StartAsync();
        return new ScriptedService(application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private static async Task RespondAsync(HttpContext context, int registrations, bool closesConnection, byte[][] messages)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        for (var i = 0; i < registrations; i++)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            using var request = System.Text.Json.JsonDocument.Parse(buffer.AsMemory(0, received.Count));
            var input = request.RootElement.GetProperty("body").GetProperty("input");
            await SendAsync(socket, Encoding.UTF8.GetBytes(
                $$$"""{"header":{"tr_id":"{{{input.GetProperty("tr_id")}}}","tr_key":"{{{input.GetProperty("tr_key")}}}","encrypt":"N"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS"}}"""));
        }

        foreach (var message in messages)
            await SendAsync(socket, message);
        if (closesConnection)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
        }

        try
        {
            // Reads the client's data first: closing with unread data would reset the connection and lose sent messages.
            while ((await socket.ReceiveAsync(buffer, context.RequestAborted)).MessageType != WebSocketMessageType.Close)
            {
                // Further requests are not answered.
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client has disconnected.
        }
    }

    private static Task SendAsync(WebSocket socket, byte[] message) =>
        socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
}
