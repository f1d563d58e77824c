using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Net.WebSockets;
using System.Threading.Channels;
using KisFeed.Benchmarks.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>
/// A simple baseline: Kestrel's WebSockets, a channel and a pump for each consumer, and one <c>SendAsync</c> for each frame. It reads the
/// same upstream as the gateway and does not parse frames.
/// </summary>
internal sealed class BareBroadcast : IAsyncDisposable
{
    private readonly ClientWebSocket _upstream = new();
    private readonly WebApplication _application;
    private ImmutableArray<ChannelWriter<byte[]>> _consumers = [];

    private BareBroadcast()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        _application.Map("/tryitout", (RequestDelegate)ServeAsync);
    }

    private static byte[] Acknowledgement { get; } = """{"body":{"msg1":"SUBSCRIBE SUCCESS"}}"""u8.ToArray();

    /// <summary>Serves until its input or upstream ends. Prints its port like the gateway.</summary>
    public static async Task RunAsync(Uri upstream, CancellationToken cancellationToken)
    {
        await using var broadcast = new BareBroadcast();
        await broadcast._application.StartAsync(cancellationToken);
        await broadcast.ConnectAsync(upstream, cancellationToken);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $$"""{"port":{{new Uri(broadcast._application.Urls.Single()).Port}}}"""));
        var reading = Task.Run(broadcast.ReadAsync, CancellationToken.None);
        await await Task.WhenAny(reading, InputEnd.WaitAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        _upstream.Dispose();
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task ConnectAsync(Uri upstream, CancellationToken cancellationToken)
    {
        _upstream.Options.KeepAliveInterval = TimeSpan.Zero;
        await _upstream.ConnectAsync(new Uri(upstream, "/tryitout"), cancellationToken);
        await _upstream.SendAsync(
            """{"body":{"input":{"tr_id":"H0UPCNT0","tr_key":"0001"}}}"""u8.ToArray(),
            WebSocketMessageType.Text,
            endOfMessage: true,
            cancellationToken);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _upstream.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            if (buffer[0] == (byte)'{')
                continue;
            var frame = buffer.AsSpan(0, length).ToArray();
            foreach (var consumer in _consumers)
                consumer.TryWrite(frame);
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var frames = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
        frames.Writer.TryWrite(Acknowledgement);
        ImmutableInterlocked.Update(ref _consumers, static (all, one) => all.Add(one), frames.Writer);
        var pump = Task.Run(() => PumpAsync(socket, frames.Reader));
        try
        {
            var buffer = new byte[1024];
            while ((await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)).MessageType != WebSocketMessageType.Close)
            {
                // Messages of consumers are ignored.
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The consumer has disconnected.
        }

        ImmutableInterlocked.Update(ref _consumers, static (all, one) => all.Remove(one), frames.Writer);
        frames.Writer.Complete();
        await pump;
    }

    private static async Task PumpAsync(WebSocket socket, ChannelReader<byte[]> frames)
    {
        try
        {
            await foreach (var frame in frames.ReadAllAsync())
                await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The consumer has disconnected.
        }
    }
}

/// <summary><c>bare-broadcast</c>: the baseline of the gateway, started by <c>compare</c> in its own process.</summary>
internal sealed class BareBroadcastCommand : Command
{
    public const string Word = "bare-broadcast";

    private readonly Argument<string> _upstream =
        new("upstream") { Description = "The WebSocket address of the frames, e.g. ws://127.0.0.1:21000." };

    public BareBroadcastCommand()
        : base(Word, "Broadcasts the frames of upstream. Started by compare.")
    {
        Hidden = true;
        _upstream.Validators.Add(static result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out _))
                result.AddError($"'{result.Tokens[0].Value}' is not a valid address. Use e.g. ws://127.0.0.1:21000.");
        });
        Add(_upstream);
        SetAction(
            (arguments, cancellationToken) => BareBroadcast.RunAsync(new Uri(arguments.GetRequiredValue(_upstream)), cancellationToken));
    }
}
