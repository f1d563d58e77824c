using System.Net.WebSockets;
using System.Text;
using KisFeed.Wire.Control;

namespace KisFeed.TestSupport;

/// <summary>A WebSocket client that shares no code with the library. Keeps the data frames that it receives before an answer.</summary>
internal sealed class FeedClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[256 * 1024];

    private FeedClient(string approvalKey)
    {
        ApprovalKey = approvalKey;
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    public string ApprovalKey { get; }

    /// <summary>The data frames received so far.</summary>
    public List<string> Frames { get; } = [];

    public ClientWebSocket Socket => _socket;

    /// <summary>Opens a connection, by default with an approval key for a new app key.</summary>
    public static async Task<FeedClient> ConnectAsync(Uri webSocketUrl, string? approvalKey = null, string path = "/tryitout")
    {
        var client = new FeedClient(
            approvalKey ?? await RestClient.ApprovalKeyAsync(new UriBuilder(webSocketUrl) { Scheme = Uri.UriSchemeHttp }.Uri));
        await client._socket.ConnectAsync(new Uri(webSocketUrl, path), CancellationToken.None).WaitAsync(Patience.Limit);
        return client;
    }

    public static string Request(string approvalKey, string type, string trId, string trKey) =>
        $$$$"""{"header":{"approval_key":"{{{{approvalKey}}}}","custtype":"P","tr_type":"{{{{type}}}}","content-type":"utf-8"}"""
        + $$$$""","body":{"input":{"tr_id":"{{{{trId}}}}","tr_key":"{{{{trKey}}}}"}}}""";

    public Task SendAsync(string text) => SendAsync(text, WebSocketMessageType.Text, endOfMessage: true);

    public Task SendAsync(string text, WebSocketMessageType type, bool endOfMessage) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), type, endOfMessage, CancellationToken.None).WaitAsync(Patience.Limit);

    /// <summary>The next message of any kind; <see langword="null"/> for a close frame.</summary>
    public async Task<string?> ReceiveAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(Patience.Limit);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            part.MessageType.ShouldBe(WebSocketMessageType.Text);
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(_buffer, 0, length);
        }
    }

    /// <summary>The next control message. Data frames before it are kept.</summary>
    public async Task<string> ReceiveControlAsync()
    {
        while (true)
        {
            var text = (await ReceiveAsync()).ShouldNotBeNull("the server closed the connection");
            if (text[0] == '{')
                return text;
            Frames.Add(text);
        }
    }

    /// <summary>The next data frame. Heartbeats before it are answered; any other control message fails the test.</summary>
    public async Task<string> ReceiveFrameAsync()
    {
        var text = (await ReceiveAsync()).ShouldNotBeNull("the server closed the connection");
        for (; IsHeartbeat(text); text = (await ReceiveAsync()).ShouldNotBeNull("the server closed the connection"))
            await SendAsync(text);
        text[0].ShouldBeOneOf('0', '1');
        Frames.Add(text);
        return text;
    }

    /// <summary>Reads until the server closes the connection, and returns its reason. Frames before that are ignored.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Reason)> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is not null)
        {
            // In flight.
        }

        return (_socket.CloseStatus, _socket.CloseStatusDescription);
    }

    public async Task<BrokerReply> AskAsync(string text)
    {
        await SendAsync(text);
        string answer;
        while (IsHeartbeat(answer = await ReceiveControlAsync()))
            await SendAsync(answer);
        return Parse(answer);
    }

    public Task<BrokerReply> RegisterAsync(string trId, string trKey) => AskAsync(Request(ApprovalKey, "1", trId, trKey));

    public Task<BrokerReply> ReleaseAsync(string trId, string trKey) => AskAsync(Request(ApprovalKey, "2", trId, trKey));

    public Task CloseAsync() =>
        _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).WaitAsync(Patience.Limit);

    public static BrokerReply Parse(string text) =>
        ControlMessage.TryParse(Encoding.UTF8.GetBytes(text), out var error).ShouldBeOfType<BrokerReply>($"{error}: {text}");

    // On a slow machine a test may take longer than a heartbeat interval.
    private static bool IsHeartbeat(string text) => text.Contains("\"PINGPONG\"", StringComparison.Ordinal);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
