using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Http;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// <c>/v1/stream</c>: the records and events of keys, as server-sent events or as messages of a WebSocket.
/// </summary>
internal sealed class StreamEndpoint(
    FeedHub hub, StreamDispatcher dispatcher, StreamTargets targets, AuditTrail audit, long queueBytes, WebSocketStreamRules sockets)
{
    private const int RetrySeconds = 10;

    private const string BadHandshake = "This is not a valid WebSocket handshake: it needs Sec-WebSocket-Version 13 and a "
        + "Sec-WebSocket-Key of 16 bytes in base64. Omit the Upgrade header to get server-sent events.";

    private static readonly Problem s_tooManyConnections = new(
        StatusCodes.Status429TooManyRequests,
        "tooManyConnections",
        "This consumer has reached its connection limit. Close one; a stream can have many keys.")
    {
        RetryAfter = RetrySeconds,
    };

    private static readonly Problem s_accessEnded = new(
        StatusCodes.Status401Unauthorized,
        "credentialsNeeded",
        "These credentials are no longer valid: the consumer was removed or its credentials were replaced.");

    public async Task<IResult> AnswerAsync(HttpContext context, Account account)
    {
        var isWebSocket = WebSocketHandshake.IsRequested(context);
        if (isWebSocket && WebSocketHandshake.Check(context) is { } status)
            return Problem.Malformed("badHandshake", BadHandshake, status);
        var (request, problem) = StreamRequest.Parse(context.Request, targets, isWebSocket, sockets.Time.GetUtcNow());
        if (request is null)
            return problem!;
        problem = StreamTargets.ProblemOf(request.Targets, account, audit, context.Connection.RemoteIpAddress);
        if (request.Start.From is { } from)
        {
            problem ??= PastTime.ProblemOf(sockets.Source, request.Targets);

            // A client can try again after an error, but has to notice the end of a stream.
            if (request.Start.After is null)
            {
                problem ??= await PastTime.FindProblemAsync(sockets.Source, request.Targets, from.At, context.RequestAborted)
                    .ConfigureAwait(false);
            }
        }

        if (problem is null && dispatcher.Ended is { } reason)
            problem = new Problem(StatusCodes.Status503ServiceUnavailable, "ended", $"No stream can be opened: {reason}.");
        if (problem is not null)
            return problem;
        if (!HttpMethods.IsHead(context.Request.Method))
            return await ServeAsync(context, account, request).ConfigureAwait(false);
        SseStream.Prepare(context.Response, request.IsCapture);
        return Results.Empty;
    }

    private async Task<IResult> ServeAsync(HttpContext context, Account account, StreamRequest request)
    {
        using var consumer = new StreamConsumer(account, hub, dispatcher, request, queueBytes, context.Abort, sockets.Source)
        {
            Granted = target => audit.Subscribed(account.Name, context.Connection.RemoteIpAddress, target.Feed, target.Key),
        };
        if (!account.TryEnter(consumer))
            return account.HasEnded ? s_accessEnded : s_tooManyConnections;
        hub.Join(consumer.HubConsumer);
        audit.ConnectionBegan(
            account.Name, context.Connection.RemoteIpAddress, request.IsWebSocket ? "JSON WebSocket" : "server-sent events");
        DeadPeerDetection.Enable(context); // Otherwise the system keeps a vanished client's connection for a quarter of an hour.
        dispatcher.Counters.Open.Add();
        dispatcher.Counters.Opened.Add();
        try
        {
            var refusals = await consumer.SubscribeAsync(request.Targets, request.Start).ConfigureAwait(false);
            if (refusals.Count > 0 && refusals.Count == request.Targets.Distinct().Count() && !request.IsWebSocket)
                return ProblemOf(refusals[0]);
            consumer.Send(refusals);
            var formatter = FormatterOf(request);
            if (request.IsWebSocket)
            {
                await new WebSocketStream(consumer, targets, request.Start with { After = null }, account, sockets, formatter)
                    .RunAsync(context).ConfigureAwait(false);
            }
            else
            {
                await SseStream.RunAsync(consumer, formatter, context).ConfigureAwait(false);
            }

            return Results.Empty;
        }
        finally
        {
            account.Leave(consumer);
            hub.Leave(consumer.HubConsumer);
            dispatcher.Counters.Open.Add(-1);
        }
    }

    private IStreamFormatter FormatterOf(StreamRequest request)
    {
        if (!request.IsCapture)
        {
            return request.IsWebSocket
                ? new WebSocketFormatter(dispatcher.Renderer, request.Names)
                : new SseFormatter(dispatcher.Renderer, request.Names);
        }
        var lines = new CaptureLineFormatter(dispatcher.Renderer, request.Names, sockets.Time);
        return request.IsWebSocket ? new WebSocketLineFormatter(lines) : lines;
    }

    // Not as an item: browsers reconnect after a stream ends, but not after an error status.
    private static Problem ProblemOf(StreamRefusal refusal)
    {
        var isWrong = refusal.Code?.Meaning is BrokerCodeMeaning.InvalidRegistration or BrokerCodeMeaning.WrongHtsId;
        return new Problem(
            isWrong ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable,
            "refused",
            $"{refusal.Target}{(refusal.Code is { } code ? $" ({code})" : "")}: {refusal.Reason}.")
        {
            RetryAfter = isWrong ? null : RetrySeconds,
        };
    }
}
