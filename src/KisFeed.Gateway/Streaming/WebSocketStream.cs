using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// A stream over a WebSocket, whose client may subscribe to keys and unsubscribe. Outgoing messages are framed here, in batches; incoming
/// ones are read by .NET's <see cref="WebSocket"/>, whose own frames, such as pongs, are queued with the messages.
/// </summary>
/// <param name="consumer">The stream.</param>
/// <param name="targets">Parses keys.</param>
/// <param name="later">What the stream sends first for keys that its client subscribes to later.</param>
/// <param name="account">The consumer's account.</param>
/// <param name="rules">What all WebSocket streams share.</param>
/// <param name="formatter">Writes items as messages.</param>
internal sealed class WebSocketStream(
    StreamConsumer consumer, StreamTargets targets, StreamStart later, Account account, WebSocketStreamRules rules,
    IStreamFormatter formatter)
{
    private const int MaxMessage = 64 * 1024;

    /// <summary>How long a client that sends too many requests is not read.</summary>
    private static readonly TimeSpan s_holdBack = TimeSpan.FromSeconds(1);

    private readonly StreamOutlet _outlet = consumer.Outlet;
    private WebSocketCloseStatus? _protocolError; // The status that .NET's WebSocket wanted to close with.

    /// <summary>Completes the handshake, and serves the stream until it ends or the client is gone.</summary>
    public async Task RunAsync(HttpContext context)
    {
        if (await WebSocketHandshake.TryUpgradeAsync(context).ConfigureAwait(false) is not { } stream)
            return;
        var aborted = context.RequestAborted;
        await using var registration = aborted.UnsafeRegister(
            static state => ((StreamQueue)state!).Drop(), _outlet.Queue).ConfigureAwait(false);
        using var guard = new FrameGuard(rules.Frames, TimeProvider.System, () => _outlet.HasEnded, OnFlood);
        var frames = new ClientFrameStream(stream, guard, WriteAsync);
        await using var _ = frames.ConfigureAwait(false);
        using var socket = WebSocket.CreateFromStream(
            frames, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var reading = ReadAsync(socket, aborted);
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        try
        {
            await consumer.RunAsync(formatter, output, aborted).ConfigureAwait(false);
            await output.CompleteAsync().ConfigureAwait(false);
            if (!aborted.IsCancellationRequested)
                await stream.WriteAsync(ServerFrame.Close(_outlet.CloseStatus, _outlet.CloseReason), aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone.
        }

        _outlet.End("", _outlet.CloseStatus); // If it has not ended yet: the client gets the usual time to answer the close frame.
        await reading.ConfigureAwait(false);
    }

    private async Task ReadAsync(WebSocket socket, CancellationToken aborted)
    {
        try
        {
            var buffer = new byte[1024];
            while (await ReceiveAsync(socket, aborted).ConfigureAwait(false) is { } length)
                await HandleAsync(buffer.AsMemory(0, length), aborted).ConfigureAwait(false);

            async ValueTask<int?> ReceiveAsync(WebSocket from, CancellationToken cancellationToken)
            {
                for (var length = 0; ;)
                {
                    var part = await from.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        _outlet.EndByClient(from.CloseStatus ?? WebSocketCloseStatus.NormalClosure);
                        return null;
                    }

                    length += part.Count;
                    if (part.EndOfMessage && part.MessageType == WebSocketMessageType.Text && account.Usage.TryRead(length))
                        return length;
                    if (part.MessageType == WebSocketMessageType.Binary)
                        return Refuse("messages must be text", WebSocketCloseStatus.InvalidMessageType);
                    if (length >= MaxMessage || part.EndOfMessage || !account.Usage.TryRead(length))
                        return Refuse("the message is too long", WebSocketCloseStatus.MessageTooBig);
                    if (length == buffer.Length)
                        Array.Resize(ref buffer, buffer.Length * 2);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // The client broke the protocol or is gone.
            _outlet.EndByClient(_protocolError ?? WebSocketCloseStatus.ProtocolError);
        }
        catch (Exception e)
        {
            // A bug in the gateway. The client's messages are no longer read, so the stream must end visibly.
            GatewayLog.StreamFailed(rules.Logger, account.Name, e);
            _outlet.End("the gateway failed to handle a message", WebSocketCloseStatus.InternalServerError);
        }
    }

    // Queues what .NET's WebSocket sends by itself, such as pongs. The stream sends its own close frame.
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        if (frame.Span is [var first, ..] && WebSocketFrameHeader.OpcodeOf(first) == WebSocketOpcode.Close)
        {
            _protocolError = frame.Length >= 4
                ? (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(frame.Span[2..])
                : WebSocketCloseStatus.ProtocolError;
            return;
        }

        await _outlet.Queue.WaitForAnswersAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        _outlet.Send(StreamControlItems.Wire(frame.Span));
    }

    private void OnFlood(string reason)
    {
        if (_outlet.HasEnded)
            return;
        _outlet.End(reason, WebSocketCloseStatus.PolicyViolation);
        rules.Counters.Floods.Add();
        if (rules.FloodLog.TrySample(out var skipped))
            GatewayLog.StreamFlood(rules.Logger, account.Name, reason, skipped);
    }

    private int? Refuse(string reason, WebSocketCloseStatus status)
    {
        _outlet.End(reason, status);
        return null;
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> text, CancellationToken aborted)
    {
        await _outlet.Queue.WaitForAnswersAsync().WaitAsync(aborted).ConfigureAwait(false);
        while (!account.Usage.TryRequest())
            await Task.Delay(s_holdBack, rules.Time, aborted).ConfigureAwait(false);
        if (StreamCommand.Parse(text.Span) is not { } command)
        {
            _outlet.Send(
                StreamControlItems.Refused("""invalid message: send {"subscribe":["FEED:KEY"]} or {"unsubscribe":["FEED:KEY"]}"""));
            return;
        }

        foreach (var target in Read(command.Unsubscribe))
        {
            if (!consumer.Unsubscribe(target))
                _outlet.Send(_outlet.Items.Refused(target, null, "the stream is not subscribed to this key"));
        }

        var permitted = new List<StreamTarget>();
        foreach (var target in Read(command.Subscribe))
        {
            if (account.MayRegister(target.Feed, target.Key))
            {
                permitted.Add(target);
            }
            else
            {
                _outlet.Send(_outlet.Items.Refused(target, null, "this consumer has no right to this feed, or to the order notices of this "
                    + "HTS ID; the operator of the gateway can grant it"));
            }
        }

        if (permitted.Count == 0)
            return;
        var start = later;
        if (command.From is { } from)
        {
            if (!PastTime.TryParse(from, rules.Time.GetUtcNow(), out var position))
            {
                _outlet.Send(StreamControlItems.Refused($"from is not valid: {PastTime.Expected}"));
                return;
            }

            if ((PastTime.ProblemOf(rules.Source, permitted)
                ?? await PastTime.FindProblemAsync(rules.Source, permitted, position.At, aborted).ConfigureAwait(false))
                is { } problem)
            {
                _outlet.Send(StreamControlItems.Refused(problem.Detail));
                return;
            }

            start = later with { From = position };
        }

        consumer.Send(await consumer.SubscribeAsync(permitted, start).ConfigureAwait(false));
    }

    private List<StreamTarget> Read(IReadOnlyList<string> texts)
    {
        var found = new List<StreamTarget>();
        foreach (var text in texts)
        {
            if (targets.TryParse(text, out var target, out var problem))
                found.Add(target);
            else
                _outlet.Send(StreamControlItems.Refused(problem.Detail));
        }

        return found;
    }
}

/// <summary>What all WebSocket streams of a gateway share.</summary>
internal sealed record WebSocketStreamRules(
    FrameLimits Frames, StreamCounters Counters, TimeProvider Time, ILogger Logger, HistorySource? Source)
{
    public LogSampler FloodLog { get; } = new(Time);
}
