using System.IO.Pipelines;
using System.Net.WebSockets;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// A stream as messages of a WebSocket, whose client may ask for keys and give them back. Messages go out many at a time, so they are framed here; what comes in is read by .NET's
/// <see cref="WebSocket"/>, whose own answers go out in their turn.
/// </summary>
/// <param name="consumer">The stream.</param>
/// <param name="renderer">Writes items.</param>
/// <param name="targets">Reads which keys are meant.</param>
/// <param name="later">What it wants to know of keys that it asks for while it stands.</param>
/// <param name="account">Whose it is.</param>
/// <param name="rules">What all of them share.</param>
internal sealed class WebSocketStream(StreamConsumer consumer, ItemRenderer renderer, StreamTargets targets, StreamStart later, Account account, WebSocketStreamRules rules)
{
    private const int MaxMessage = 64 * 1024;

    /// <summary>How long a client that asks too often is not listened to.</summary>
    private static readonly TimeSpan s_holdBack = TimeSpan.FromSeconds(1);

    /// <summary>Does the handshake, and serves the stream until it ends or nobody reads it any more.</summary>
    public async Task RunAsync(HttpContext context)
    {
        if (await WebSocketHandshake.TryUpgradeAsync(context).ConfigureAwait(false) is not { } stream)
            return;
        var aborted = context.RequestAborted;
        await using var registration = aborted.UnsafeRegister(static state => ((StreamConsumer)state!).Drop(), consumer).ConfigureAwait(false);
        using var guard = new FrameGuard(rules.Frames, TimeProvider.System, () => consumer.HasEnded, OnFlood);
        var answers = new PongInterceptingStream(stream, guard, consumer);
        await using var _ = answers.ConfigureAwait(false);
        using var socket = WebSocket.CreateFromStream(answers, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var reading = ReadAsync(socket, answers, aborted);
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        try
        {
            await StreamPump.RunAsync(consumer, renderer, WebSocketForm.Instance, output, aborted).ConfigureAwait(false);
            await output.CompleteAsync().ConfigureAwait(false);
            if (!aborted.IsCancellationRequested)
                await stream.WriteAsync(ServerFrame.Close(consumer.CloseStatus, consumer.CloseReason), aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone.
        }

        consumer.End("", consumer.CloseStatus); // Where it has not ended by itself: the client has as long to answer as any other.
        await reading.ConfigureAwait(false);
    }

    private async Task ReadAsync(WebSocket socket, PongInterceptingStream answers, CancellationToken aborted)
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
                        consumer.EndAsAsked(from.CloseStatus ?? WebSocketCloseStatus.NormalClosure);
                        return null;
                    }

                    length += part.Count;
                    if (part.EndOfMessage && part.MessageType == WebSocketMessageType.Text && account.Usage.TryRead(length))
                        return length;
                    if (part.MessageType == WebSocketMessageType.Binary)
                        return Refuse("messages are text here", WebSocketCloseStatus.InvalidMessageType);
                    if (length >= MaxMessage || part.EndOfMessage || !account.Usage.TryRead(length))
                        return Refuse("the message is longer than may be", WebSocketCloseStatus.MessageTooBig);
                    if (length == buffer.Length)
                        Array.Resize(ref buffer, buffer.Length * 2);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // The client broke the protocol, or has gone and is not answered.
            consumer.EndAsAsked(answers.CloseStatus ?? WebSocketCloseStatus.ProtocolError);
        }
        catch (Exception e)
        {
            // A mistake of ours. Nobody reads any more, so the stream must not seem to stand.
            GatewayLog.StreamFailed(rules.Logger, account.Name, e);
            consumer.End("the gateway failed to handle a message", WebSocketCloseStatus.InternalServerError);
        }
    }

    private void OnFlood(string reason)
    {
        if (consumer.HasEnded)
            return;
        consumer.End(reason, WebSocketCloseStatus.PolicyViolation);
        rules.Counters.AddFlood();
        if (rules.FloodLog.TryPass(out var skipped))
            GatewayLog.StreamFlood(rules.Logger, account.Name, reason, skipped);
    }

    private int? Refuse(string reason, WebSocketCloseStatus status)
    {
        consumer.End(reason, status);
        return null;
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> text, CancellationToken aborted)
    {
        await consumer.Queue.WaitForAnswersAsync().WaitAsync(aborted).ConfigureAwait(false);
        while (!account.Usage.TryRequest())
            await Task.Delay(s_holdBack, rules.Time, aborted).ConfigureAwait(false);
        if (!StreamCommand.TryParse(text, out var command))
        {
            consumer.Tell(StreamControlItems.Refused("""the message is not understood: send {"subscribe":["FEED:KEY"]} or {"unsubscribe":["FEED:KEY"]}"""));
            return;
        }

        foreach (var target in Read(command.Unsubscribe))
        {
            if (!consumer.Unsubscribe(target))
                consumer.Tell(consumer.Items.Refused(target, null, "the stream does not have it"));
        }

        var asked = new List<StreamTarget>();
        foreach (var target in Read(command.Subscribe))
        {
            if (account.MayRegister(target.Feed, target.Key))
                asked.Add(target);
            else
                consumer.Tell(consumer.Items.Refused(target, null, "this consumer has no right to this feed, or to the order notices of this HTS ID; whoever runs the gateway can give it"));
        }

        if (asked.Count > 0)
            consumer.Tell(await consumer.SubscribeAsync(asked, later).ConfigureAwait(false));
    }

    private List<StreamTarget> Read(IReadOnlyList<string> texts)
    {
        var found = new List<StreamTarget>();
        foreach (var text in texts)
        {
            if (targets.TryParse(text, out var target, out var problem))
                found.Add(target);
            else
                consumer.Tell(StreamControlItems.Refused(problem.Detail));
        }

        return found;
    }
}

/// <summary>What the streams of a gateway over WebSockets are held to.</summary>
/// <param name="Frames">What each may send beside whole messages.</param>
/// <param name="Counters">Counts those that were ended for it.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where to log.</param>
internal sealed record WebSocketStreamRules(FrameLimits Frames, StreamCounters Counters, TimeProvider Time, ILogger Logger)
{
    /// <summary>Keeps lines about clients that send too much few.</summary>
    public LogSampler FloodLog { get; } = new(Time);
}
