using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using KisFeed.Cli.Gateways;
using KisFeed.Cli.Tests.Running;
using KisFeed.Gateway;
using KisFeed.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>A service that sends the records that a test gives it, and a gateway connected to it, in this process.</summary>
internal sealed class StagedService : IAsyncDisposable
{
    private readonly ConcurrentDictionary<WebSocket, SemaphoreSlim> _sockets = [];
    private readonly WebApplication _application;
    private GatewayServer? _gateway;

    private StagedService(WebApplication application) => _application = application;

    public GatewayServer Gateway => _gateway!;

    public Uri Address => Gateway.RestUrl;

    /// <summary>Starts the service and the gateway. The clock is nine in the morning.</summary>
    /// <param name="shown">The keys that the page shows, which the gateway keeps.</param>
    public static async Task<StagedService> OpenAsync(IReadOnlyList<GatewayKey> shown)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new StagedService(builder.Build());
        var application = service._application;
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        application.MapPost(
            "/oauth2/Approval",
            (RequestDelegate)(context => context.Response.WriteAsync("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""")));
        application.Map("/tryitout", (RequestDelegate)service.ServeAsync);
        await application.StartAsync();
        var clock = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(9));
        service._gateway = await GatewayServer.StartAsync(new GatewayOptions
        {
            TimeProvider = clock,
            Upstream = new KisFeedOptions
            {
                TimeProvider = clock,
                AppKey = TestCredentials.NewAppKey(),
                AppSecret = TestCredentials.AppSecret,
                WebSocketUrl = new UriBuilder(application.Urls.Single()) { Scheme = "ws" }.Uri,
                RequestInterval = TimeSpan.Zero,
                WatchdogTimeout = TimeSpan.FromHours(1),
                Reconnect = QuickReconnect.Policy,
            },
            Source = DataSource.Simulation,
            Keep = shown,
            DashboardKeys = shown,
            Instruments = SimulatedInstruments.All,
        });
        await Patience.UntilAsync(() => service.Gateway.Status.Registrations.Count(r => r.IsRegistered) == shown.Count);
        return service;
    }

    /// <summary>Sends a record.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="values">The values of columns by their English names; the other columns are empty.</param>
    public async Task SendAsync(FeedSchema feed, string key, params (string Column, string Value)[] values)
    {
        foreach (var (column, _) in values)
            feed.Columns.ShouldContain(known => known.Name == column);
        var fields = feed.Columns.Index()
            .Select(c => c.Index == feed.KeyColumn ? key : values.FirstOrDefault(v => v.Column == c.Item.Name).Value ?? "");
        foreach (var socket in _sockets.Keys)
            await SendAsync(socket, $"0|{feed.TrId}|001|{string.Join('^', fields)}");
    }

    /// <summary>Aborts the connection of the gateway, which connects again.</summary>
    public void Drop()
    {
        foreach (var socket in _sockets.Keys)
            socket.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        _sockets[socket] = new SemaphoreSlim(1);
        try
        {
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)
                is { MessageType: WebSocketMessageType.Text } request)
            {
                using var json = JsonDocument.Parse(buffer.AsMemory(0, request.Count));
                var input = json.RootElement.GetProperty("body").GetProperty("input");
                var isRegistration = json.RootElement.GetProperty("header").GetProperty("tr_type").GetString() == "1";
                await SendAsync(socket, AnswerTo(input, isRegistration ? "OPSP0000" : "OPSP0001"));
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The gateway has disconnected, or the test has ended.
        }
        finally
        {
            _sockets.TryRemove(socket, out _);
        }
    }

    private static string AnswerTo(JsonElement input, string code) =>
        JsonSerializer.Serialize(new
        {
            header = new
            {
                tr_id = input.GetProperty("tr_id").GetString(),
                tr_key = input.GetProperty("tr_key").GetString(),
                encrypt = "N",
            },
            body = new { rt_cd = "0", msg_cd = code, msg1 = "SUCCESS" },
        });

    private async Task SendAsync(WebSocket socket, string text)
    {
        if (!_sockets.TryGetValue(socket, out var gate))
            return;
        await gate.WaitAsync();
        try
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            gate.Release();
        }
    }
}
