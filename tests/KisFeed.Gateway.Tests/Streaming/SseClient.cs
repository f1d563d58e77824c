using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Reads server-sent events like a browser, including comments.</summary>
internal sealed class SseClient : StreamClient
{
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SseClient(HttpClient http, HttpResponseMessage response, StreamReader reader)
    {
        _http = http;
        _response = response;
        _reader = reader;
    }

    public HttpResponseHeaders Headers => _response.Headers;

    /// <summary>The received comments.</summary>
    public List<string> Comments { get; } = [];

    public static async Task<SseClient> OpenAsync(GatewayServer gateway, string query, params string[] headers)
    {
        var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { Timeout = Patience.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.RestUrl, $"/v1/stream?{query}"));
        foreach (var header in headers)
            request.Headers.Add(header[..header.IndexOf(':')], header[(header.IndexOf(':') + 2)..]);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(
            System.Net.HttpStatusCode.OK,
            response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync());
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new SseClient(http, response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>Reads the next event; <see langword="null"/> at the end of the stream.</summary>
    public override async Task<StreamEvent?> NextAsync()
    {
        string? id = null, kind = null, data = null;
        while (await _reader.ReadLineAsync().WaitAsync(Patience.Limit) is { } line)
        {
            if (line.StartsWith(':'))
                Comments.Add(line);
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length > 0)
                throw new InvalidDataException($"not a valid line of an event: {line}");
            else if (data is not null)
                return new StreamEvent(id, kind!, JsonSerializer.Deserialize<JsonElement>(data));
        }

        return null;
    }

    public override ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    // A small receive buffer, so that the gateway notices early that a client does not read.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

}
