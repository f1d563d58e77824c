using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using KisFeed.Diagnostics;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// A WebSocket that sends and receives whole messages. Sending never waits. Receiving accepts text that is not valid UTF-8. Messages in a
/// single frame are read in place, as many as have arrived; the WebSocket assembles all others in one reused buffer.
/// </summary>
internal sealed class MessageSocket : IAsyncDisposable
{
    private const int InitialBufferBytes = 16 * 1024;
    private const int ScrapBytes = 4096;
    private const int MaxUnsent = 256;
    private const int MaxUnsentBytes = 1 << 20;

    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(2);

    private readonly ClientWebSocket _socket;
    private readonly ReadAheadWebSocketStream _stream;
    private readonly HttpMessageInvoker _opener;
    private readonly int _maxMessageBytes;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _abort = new();
    private readonly Channel<byte[]> _unsent = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxUnsent) { SingleReader = true });
    private readonly Task _sending;
    private byte[] _buffer = [];
    private byte[] _scrap = [];
    private Memory<byte> _message;
    private int _length;
    private bool _isAssembled;
    private int _unsentBytes;

    private MessageSocket(ClientWebSocket socket, ReadAheadWebSocketStream stream, HttpMessageInvoker opener, KisFeedOptions options)
    {
        _socket = socket;
        _stream = stream;
        _opener = opener;
        _maxMessageBytes = options.MaxMessageBytes;
        _time = options.TimeProvider;
        _sending = Task.Run(SendAsync);
    }

    /// <summary>The current message. Valid until the next <see cref="ReceiveAsync"/>.</summary>
    public Memory<byte> Message => _message;

    /// <summary>Whether the message exceeded the limit, so that only its beginning was kept.</summary>
    public bool IsOversized { get; private set; }

    /// <summary>Why this side aborted the connection, if it did.</summary>
    public string? AbortReason { get; private set; }

    /// <summary>The reason that the server gave for closing.</summary>
    public string? CloseDescription => _socket.CloseStatusDescription;

    /// <summary>How often .NET sends an unsolicited pong. Must be never, or the broker drops the connection.</summary>
    public TimeSpan KeepAliveInterval => _socket.Options.KeepAliveInterval;

    /// <summary>The header in which KisFeed's servers state, percent-encoded, why they refuse a WebSocket.</summary>
    internal const string ProblemHeader = "KisFeed-Problem";

    /// <summary>Opens a connection.</summary>
    /// <param name="url">The address.</param>
    /// <param name="options">The longest message, the client certificate and the clock.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <param name="approvalKey">The approval key that the address itself needs; <see langword="null"/> if messages contain it.</param>
    /// <exception cref="ConnectionFailedException">The address cannot be reached, or does not serve WebSockets.</exception>
    public static async Task<MessageSocket> ConnectAsync(
        Uri url, KisFeedOptions options, CancellationToken cancellationToken, string? approvalKey = null)
    {
        var socket = new ClientWebSocket();
        if (approvalKey is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {approvalKey}");
        ReadAheadWebSocketStream? stream = null;
        var opener = new HttpMessageInvoker(ReadAheadWebSocketStream.CreateHandler(
            made => stream = made, ConnectFailureText.CertificateCheckFor(url.Host), options.ClientCertificate));

        // The broker drops a connection on which .NET's unsolicited pongs arrive.
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(url, opener, cancellationToken).ConfigureAwait(false);
            return new MessageSocket(socket, stream!, opener, options);
        }
        catch (WebSocketException e)
        {
            var status = socket.HttpStatusCode;
            var reason = ReasonIn(socket.HttpResponseHeaders)
                ?? RedirectionIn(status, socket.HttpResponseHeaders)
                ?? ConnectFailureText.Describe(url, e);
            Discard();
            throw new ConnectionFailedException(reason, e)
            {
                // A service that fails is treated like one that cannot be reached; any other answer without an upgrade is a rejection.
                IsRejected = e.WebSocketErrorCode == WebSocketError.NotAWebSocket && status < HttpStatusCode.InternalServerError,
                Status = Enum.IsDefined(status) ? status : null,
            };
        }
        catch
        {
            Discard();
            throw;
        }

        void Discard()
        {
            socket.Dispose();
            opener.Dispose();
        }
    }

    // The WebSocket does not expose the body of a refusal, so KisFeed's servers put the reason into a header as well.
    private static string? ReasonIn(IReadOnlyDictionary<string, IEnumerable<string>>? headers)
    {
        const int MaxLength = 1_000;
        if (headers is null
            || !headers.TryGetValue(ProblemHeader, out var values)
            || values.FirstOrDefault() is not { Length: > 0 and <= MaxLength } value)
        {
            return null;
        }
        return PrintableText.Clean(Uri.UnescapeDataString(value));
    }

    // The approval key would be sent to an address that the answer chooses.
    private static string? RedirectionIn(HttpStatusCode status, IReadOnlyDictionary<string, IEnumerable<string>>? headers)
    {
        const int MaxLength = 200;
        if ((int)status is < 300 or > 399)
            return null;
        var target = headers is not null && headers.TryGetValue("Location", out var values) ? values.FirstOrDefault() ?? "" : "";
        return target.Length is 0 or > MaxLength
            ? $"the server answers with a redirect (HTTP {(int)status}), which is not followed: check the address"
            : $"the server redirects to {PrintableText.Clean(target)} (HTTP {(int)status}), which is not followed: "
                + "use that address if it is the right one";
    }

    /// <summary>Sends a text message, in order. A server that does not read is treated as lost.</summary>
    public void Send(ReadOnlySpan<byte> text)
    {
        if (Interlocked.Add(ref _unsentBytes, text.Length) > MaxUnsentBytes || !_unsent.Writer.TryWrite(text.ToArray()))
            Abort("the server does not read messages");
    }

    /// <summary>Waits until messages have arrived; returns <see langword="false"/> when the server has closed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReceiveAsync()
    {
        _message = default;
        if (await _stream.WaitForMessageAsync(_maxMessageBytes, _abort.Token).ConfigureAwait(false))
            return true;
        _isAssembled = await AssembleAsync().ConfigureAwait(false);
        return _isAssembled;
    }

    /// <summary>Moves to the next message that has arrived.</summary>
    public bool TryReadMessage()
    {
        if (_isAssembled)
        {
            _isAssembled = false;
            _message = _buffer.AsMemory(0, _length);
            return true;
        }

        IsOversized = false;
        return _stream.TryReadMessage(_maxMessageBytes, out _message);
    }

    /// <summary>Starts the closing handshake without waiting for it; the receiving loop sees its end.</summary>
    public void BeginClose() => _ = CloseAsync();

    /// <summary>
    /// Sends the close frame if the server has not closed, waits briefly for the server's part, and aborts the connection. For the
    /// receiving loop when it stops: the broker keeps a session while its connection is open.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        try
        {
            // Messages that still arrive are discarded.
            while (_socket.State == WebSocketState.CloseSent && await ReceiveAsync().ConfigureAwait(false))
            {
                while (TryReadMessage())
                    CryptographicOperations.ZeroMemory(Message.Span);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection has ended.
        }

        _stream.Erase();
        CryptographicOperations.ZeroMemory(_buffer);
        _socket.Abort();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _abort.Dispose();
        _socket.Dispose();
        _opener.Dispose();
    }

    /// <summary>Whether an error of <see cref="ReceiveAsync"/> means that the connection has ended.</summary>
    public static bool IsEnd(Exception error) =>
        error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;

    public void Abort(string reason)
    {
        AbortReason ??= reason;
        _unsent.Writer.TryComplete();
        _abort.Cancel();
    }

    private async Task CloseAsync()
    {
        _unsent.Writer.TryComplete();
        using var timeout = new CancellationTokenSource(s_closeTimeout, _time);
        try
        {
            await _sending.WaitAsync(timeout.Token).ConfigureAwait(false);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection is ending in any case.
        }

        _abort.CancelAfter(_socket.State == WebSocketState.CloseSent ? s_closeTimeout : TimeSpan.Zero);
    }

    private async ValueTask<bool> AssembleAsync()
    {
        _length = 0;
        IsOversized = false;
        while (true)
        {
            var result = await _socket.ReceiveAsync(GetFreeMemory(), _abort.Token).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close)
                return false;
            if (_length < _maxMessageBytes)
                _length += result.Count;
            else if (result.Count > 0)
                IsOversized = true;
            if (result.EndOfMessage)
                return true;
        }
    }

    private Memory<byte> GetFreeMemory()
    {
        if (_length < _buffer.Length)
            return _buffer.AsMemory(_length);
        if (_buffer.Length < _maxMessageBytes)
        {
            var larger = new byte[Math.Min(Math.Max(_buffer.Length * 2, InitialBufferBytes), _maxMessageBytes)];
            _buffer.CopyTo(larger, 0);
            CryptographicOperations.ZeroMemory(_buffer);
            _buffer = larger;
            return _buffer.AsMemory(_length);
        }

        // Over the limit: keeps the beginning unchanged and discards the rest.
        if (_scrap.Length == 0)
            _scrap = new byte[ScrapBytes];
        return _scrap;
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var text in _unsent.Reader.ReadAllAsync(_abort.Token).ConfigureAwait(false))
            {
                await _socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, _abort.Token).ConfigureAwait(false);

                Interlocked.Add(ref _unsentBytes, -text.Length);

                // Requests contain the approval key.
                CryptographicOperations.ZeroMemory(text);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The receiving loop reports this; it might not have noticed.
            Abort($"sending failed: {(e.InnerException ?? e).Message}");
        }
    }
}
