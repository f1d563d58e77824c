using System.Net.Http.Headers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

/// <summary>A relay between a client and a service that adds every approval key, AES key and IV it forwards to a search.</summary>
internal sealed class SecretsRelay : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Uri _service;
    private readonly SecretSearch _search;
    private int _seen;

    private SecretsRelay(WebApplication application, Uri service, SecretSearch search)
    {
        _application = application;
        _service = service;
        _search = search;
    }

    public Uri Url => new UriBuilder(_application.Urls.Single()) { Scheme = "ws" }.Uri;

    /// <summary>The number of secrets forwarded.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>The last approval key forwarded.</summary>
    public string ApprovalKey { get; private set; } = "";

    public static async Task<SecretsRelay> StartAsync(Uri service, SecretSearch search)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var relay = new SecretsRelay(application, service, search);
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        application.MapPost("/oauth2/Approval", (Delegate)relay.ApproveAsync);
        application.Map("/tryitout", relay.RelayAsync);
        await application.StartAsync();
        return relay;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task<IResult> ApproveAsync(HttpContext context)
    {
        using var http = new HttpClient();
        using var content =
            new StreamContent(context.Request.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await http.PostAsync(
            new UriBuilder(_service) { Scheme = "http", Path = "/oauth2/Approval" }.Uri, content, context.RequestAborted);
        var answer = await response.Content.ReadAsStringAsync(context.RequestAborted);
        using var json = System.Text.Json.JsonDocument.Parse(answer);
        if (json.RootElement.TryGetProperty("approval_key", out var key))
        {
            ApprovalKey = key.GetString()!;
            AddSecret("approval key", ApprovalKey);
        }

        return Results.Content(answer, "application/json", statusCode: (int)response.StatusCode);
    }

    private async Task RelayAsync(HttpContext context)
    {
        using var client = await context.WebSockets.AcceptWebSocketAsync();
        using var service = new ClientWebSocket();
        service.Options.KeepAliveInterval = TimeSpan.Zero;
        await service.ConnectAsync(new UriBuilder(_service) { Scheme = "ws", Path = "/tryitout" }.Uri, context.RequestAborted);
        await Task.WhenAny(ForwardAsync(client, service, static _ => { }), ForwardAsync(service, client, AddNoticeKey));
    }

    private static async Task ForwardAsync(WebSocket from, WebSocket to, Action<byte[]> inspect)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)
                is { MessageType: not WebSocketMessageType.Close } result)
            {
                await message.WriteAsync(buffer.AsMemory(0, result.Count));
                if (!result.EndOfMessage)
                    continue;
                inspect(message.ToArray());
                await to.SendAsync(message.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                message.SetLength(0);
            }
        }
        catch (WebSocketException)
        {
            // One side has closed; the other is closed next.
        }
    }

    private void AddNoticeKey(byte[] message)
    {
        if (message is not [(byte)'{', ..])
            return;
        using var json = System.Text.Json.JsonDocument.Parse(message);
        if (!json.RootElement.TryGetProperty("body", out var body) || !body.TryGetProperty("output", out var output))
            return;
        AddSecret("AES key", output.GetProperty("key").GetString()!);
        AddSecret("IV", output.GetProperty("iv").GetString()!);
    }

    private void AddSecret(string name, string secret)
    {
        _search.Add(name, secret);
        Interlocked.Increment(ref _seen);
    }
}
