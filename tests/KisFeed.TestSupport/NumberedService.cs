using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.TestSupport;

/// <summary>
/// A service that sends distinguishable frames to clients that have registered for all of its keys, so that tests know every
/// byte that was sent on a connection.
/// </summary>
internal sealed class NumberedService : IAsyncDisposable
{
    public const string Bond = "KR103502GA34";

    private readonly Options _options;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, Connection> _connections = [];
    private WebApplication? _application;
    private int _count;

    private NumberedService(Options options) => _options = options;

    /// <summary>The registrations after which frames are sent.</summary>
    public static IReadOnlyList<(string TrId, string Key)> Keys { get; } = [("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0BJCNT0", Bond)];

    /// <summary>The address. It stays the same when the service is stopped and started again.</summary>
    public Uri Url { get; private set; } = new("ws://127.0.0.1:0");

    /// <summary>The number of connections so far; the first is number 0.</summary>
    public int Connections => Volatile.Read(ref _count);

    public static async Task<NumberedService> StartAsync(Options? options = null)
    {
        var service = new NumberedService(options ?? new Options());
        await service.StartAgainAsync();
        return service;
    }

    /// <summary>The frame with this number on a connection.</summary>
    public static string Frame(int connection, int number)
    {
        return KindOf(connection, number) switch
        {
            0 or 1 => $"0|H0UPCNT0|001|{Index("0001", connection, number)}",
            2 => $"0|H0UPCNT0|001|{Index("1001", connection, number)}",
            3 => $"0|H0UPCNT0|002|{Index("0001", connection, number)}^{Index("1001", connection, number)}",
            _ => string.Create(CultureInfo.InvariantCulture, $"0|H0BJCNT0|001|{Bond}^국고03500-3309(23-6)^131743^2^5.00^0.05^10575.00^1^"
                + $"10525.00^10578.00^10525.00^0.00^3.012^3.037^3.010^3.037^{number}^{connection}^2"),
        };
    }

    /// <summary>The connection and the number of a frame.</summary>
    public static (int Connection, int Number) NumberOf(ReadOnlySpan<byte> frame)
    {
        var fields = Encoding.UTF8.GetString(frame).Split('|', 4)[3].Split('^');
        var (number, connection) = fields[0] == Bond ? (fields[^3], fields[^2]) : (fields[5], fields[6]);
        return (int.Parse(connection, CultureInfo.InvariantCulture), int.Parse(number, CultureInfo.InvariantCulture));
    }

    /// <summary>The key of the first record of a frame.</summary>
    public static string KeyOf(string frame) => frame.Split('|', 4)[3].Split('^', 2)[0];

    /// <summary>Whether the frame with this number has records of a key.</summary>
    public static bool IsOf(int connection, int number, string key) => KindOf(connection, number) switch
    {
        0 or 1 => key == "0001",
        2 => key == "1001",
        3 => key is "0001" or "1001",
        _ => key == Bond,
    };

    /// <summary>The number of frames that were sent, or are about to be sent, on a connection.</summary>
    public int SentOn(int connection) => _connections.TryGetValue(connection, out var found) ? Volatile.Read(ref found.Sent) : 0;

    /// <summary>When the burst of a frame was started; <see langword="null"/> if the frame was not sent.</summary>
    public DateTimeOffset? SentAt(int connection, int number)
    {
        var burst = number / _options.Burst;
        var bursts = Of(connection).Bursts;
        lock (bursts)
            return burst < bursts.Count && number < SentOn(connection) ? bursts[burst] : null;
    }

    /// <summary>Completes when the connection is established.</summary>
    public Task UntilConnectedAsync(int connection) => Of(connection).Connected.Task.WaitAsync(Patience.Limit);

    /// <summary>Completes when this number of frames has been sent on a connection.</summary>
    public async Task UntilSentAsync(int connection, int frames)
    {
        var target = Of(connection);
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (Volatile.Read(ref target.Sent) < frames)
            await target.Progress.WaitAsync(TimeSpan.FromMilliseconds(50), limit.Token);
    }

    /// <summary>Stops sending frames. <see cref="SentOn"/> does not change afterwards.</summary>
    public async Task PauseAsync()
    {
        await _end.CancelAsync();
        foreach (var connection in _connections.Values)
            await connection.Sending.WaitAsync(Patience.Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Aborts a connection.</summary>
    public void Drop(int connection) => Of(connection).Abort!();

    /// <summary>Aborts every connection and accepts no more, like a crashed server.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _application, null) is not { } application)
            return;
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    /// <summary>Accepts connections on the same address again. The numbers of connections continue.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Url.Port}");
        _application = builder.Build();
        _application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        _application.MapPost(
            "/oauth2/Approval",
            (RequestDelegate)(context => context.Response.WriteAsync("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""")));
        _application.Map("/tryitout", (RequestDelegate)ServeAsync);
        await _application.StartAsync();
        Url = new UriBuilder(_application.Urls.Single()) { Scheme = "ws" }.Uri;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await StopAsync();
        _end.Dispose();
    }

    private static string Index(string key, int connection, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key}^091240^{2600 + (number * 37 % 100)}.54^2^{number % 90}.68^{number}^{connection}^1^10335^1.26^2615.72^2624.82^2610.00^23.86^"
            + $"2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19");

    // All kinds occur equally often, in a different order for each connection.
    private static int KindOf(int connection, int number) => (int)(((number * 7919L) + connection) % 5);

    private Connection Of(int connection) => _connections.GetOrAdd(connection, static _ => new Connection());

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var number = Interlocked.Increment(ref _count) - 1;
        var connection = Of(number);
        connection.Abort = context.Abort;
        connection.Connected.TrySetResult();
        try
        {
            var registered = 0;
            while (await ReceiveAsync(socket, context.RequestAborted) is { } request)
            {
                var isRegistration = request.GetProperty("header").GetProperty("tr_type").GetString() == "1";
                await AnswerAsync(connection, socket, request.GetProperty("body").GetProperty("input"), isRegistration);
                if (isRegistration && ++registered == Keys.Count)
                    connection.Sending = SendFramesAsync(number, connection, socket);
            }

            await connection.Sending;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client has disconnected, or the test has ended.
        }
    }

    private async Task SendFramesAsync(int number, Connection connection, WebSocket socket)
    {
        for (var i = 0; i < _options.Frames && !_end.IsCancellationRequested && socket.State == WebSocketState.Open; i++)
        {
            if (i % _options.Burst == 0)
            {
                if (_options.BeforeBurst is { } beforeBurst)
                    await beforeBurst(i).WaitAsync(_end.Token);
                lock (connection.Bursts)
                    connection.Bursts.Add(DateTimeOffset.UtcNow);
            }

            Volatile.Write(ref connection.Sent, i + 1);
            await SendAsync(connection, socket, Frame(number, i));
            if ((i + 1) % _options.Burst != 0)
                continue;
            connection.Progress.Release();
            if (_options.Pause > TimeSpan.Zero)
                await Task.Delay(_options.Pause, _end.Token);
        }

        connection.Progress.Release();
    }

    private static async Task AnswerAsync(Connection connection, WebSocket socket, JsonElement input, bool isRegistration)
    {
        var code = isRegistration ? "OPSP0000" : "OPSP0001";
        await SendAsync(connection, socket, """{"header":"""
            + $$$"""{"tr_id":"{{{input.GetProperty("tr_id")}}}","tr_key":"{{{input.GetProperty("tr_key")}}}","encrypt":"N"}"""
            + $$$""","body":{"rt_cd":"0","msg_cd":"{{{code}}}","msg1":"SUCCESS"}}""");
    }

    private static async Task SendAsync(Connection connection, WebSocket socket, string text)
    {
        await connection.SendLock.WaitAsync();
        try
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            connection.SendLock.Release();
        }
    }

    private static async Task<JsonElement?> ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        if (result.MessageType == WebSocketMessageType.Close)
            return null;
        using var json = JsonDocument.Parse(buffer.AsMemory(0, result.Count));
        return json.RootElement.Clone();
    }

    /// <summary>The number of frames, and how fast they are sent.</summary>
    internal sealed record Options
    {
        /// <summary>The number of frames on each connection.</summary>
        public int Frames { get; init; } = int.MaxValue;

        /// <summary>The number of frames sent at once.</summary>
        public int Burst { get; init; } = 50;

        /// <summary>The time between bursts.</summary>
        public TimeSpan Pause { get; init; }

        /// <summary>
        /// Called before each burst with the number of frames sent so far on the connection; the burst waits for its task.
        /// </summary>
        public Func<int, Task>? BeforeBurst { get; init; }
    }

    private sealed class Connection
    {
        public int Sent;

        public TaskCompletionSource Connected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SemaphoreSlim Progress { get; } = new(0);

        public SemaphoreSlim SendLock { get; } = new(1);

        public List<DateTimeOffset> Bursts { get; } = [];

        public Action? Abort { get; set; }

        public Task Sending { get; set; } = Task.CompletedTask;
    }
}
