using KisFeed.Client;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>
/// A subscription that passes its records to a callback: one call at a time, in order, on threads of the pool. If the callback throws, the
/// exception is logged and counted, and the next record follows.
/// </summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public sealed class CallbackSubscription<TRecord> : FeedSubscription
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly RecordDecoder<TRecord> _decoder;
    private readonly AsyncLocal<bool> _isPump = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly ILogger _logger;
    private long _errors;

    private CallbackSubscription(ISubscriptionSource source, FrameQueue queue, ILogger logger)
        : base(source, queue)
    {
        _decoder = new RecordDecoder<TRecord>(Feed, Key, Queue);
        _logger = logger;
        Completion = Task.CompletedTask;
    }

    internal CallbackSubscription(
        ISubscriptionSource source, FrameQueue queue, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent, ILogger logger)
        : this(source, queue, logger) =>
        Completion = RunAsync(() => PumpAsync(new Handlers(this, onRecord, onEvent)));

    internal CallbackSubscription(
        ISubscriptionSource source,
        FrameQueue queue,
        Func<TRecord, CancellationToken, ValueTask> onRecord,
        Func<FeedEvent, CancellationToken, ValueTask>? onEvent,
        ILogger logger)
        : this(source, queue, logger) =>
        Completion = RunAsync(() => PumpAsync(onRecord, onEvent));

    /// <summary>
    /// Completes when no more records follow: successfully after the subscription or the client was disposed; with a
    /// <see cref="ConnectionLostException"/> after the connection was lost permanently.
    /// </summary>
    public Task Completion { get; }

    /// <summary>The number of exceptions that the callback threw.</summary>
    public long HandlerErrors => Interlocked.Read(ref _errors);

    private protected override async ValueTask EndAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);

        // A callback may dispose its own subscription; waiting for it here would never end.
        if (!_isPump.Value)
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The client's own completion reports the error to programs that do not observe this task, so the finalizer must not.
    private static Task RunAsync(Func<Task> pump)
    {
        var completion = Task.Run(pump);
        _ = completion.ContinueWith(
            static t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return completion;
    }

    private async Task PumpAsync(Handlers handlers)
    {
        _isPump.Value = true;
        while (await Queue.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_decoder.TryDecodeNext(handlers))
            {
            }
        }

        if (Queue.ReadFinalGap() is { } last)
            handlers.OnEvent(last.AddressedTo(Feed, Key));
        Queue.ThrowIfFailed();
    }

    // Ends with the disposal, because the rest of a queue may take a slow callback hours.
    private async Task PumpAsync(
        Func<TRecord, CancellationToken, ValueTask> onRecord, Func<FeedEvent, CancellationToken, ValueTask>? onEvent)
    {
        _isPump.Value = true;
        var decoded = new RecordBuffer<TRecord>(Key);
        while (await Queue.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_decoder.TryDecodeNext(decoded))
            {
                while (decoded.TryTake(out var item))
                {
                    if (_disposal.IsCancellationRequested)
                        return;
                    await CallAsync(item, onRecord, onEvent).ConfigureAwait(false);
                }
            }
        }

        if (Queue.ReadFinalGap() is { } last && !_disposal.IsCancellationRequested)
            await CallAsync(new FeedItem<TRecord>(last.AddressedTo(Feed, Key)), onRecord, onEvent).ConfigureAwait(false);
        Queue.ThrowIfFailed();
    }

    private async ValueTask CallAsync(
        FeedItem<TRecord> item,
        Func<TRecord, CancellationToken, ValueTask> onRecord,
        Func<FeedEvent, CancellationToken, ValueTask>? onEvent)
    {
        try
        {
            if (item.IsRecord)
                await onRecord(item.Record, _disposal.Token).ConfigureAwait(false);
            else if (onEvent is not null)
                await onEvent(item.Event!, _disposal.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_disposal.IsCancellationRequested)
        {
            // The callback ended because it was asked to.
        }
#pragma warning disable CA1031 // Exceptions of consumer code must not end the stream.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failed(e);
        }
    }

    private void Failed(Exception error)
    {
        Queue.CountHandlerError();
        var count = Interlocked.Increment(ref _errors);
        if (long.IsPow2(count))
            ClientLog.HandlerFailed(_logger, Feed.TrId, count, error);
    }

    private sealed class Handlers(
        CallbackSubscription<TRecord> subscription, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent) : IRecordSink<TRecord>
    {
        public void OnRecord(in TRecord record)
        {
            try
            {
                onRecord(in record);
            }
#pragma warning disable CA1031 // Exceptions of consumer code must not end the stream.
            catch (Exception e)
#pragma warning restore CA1031
            {
                subscription.Failed(e);
            }
        }

        public void OnEvent(FeedEvent @event)
        {
            try
            {
                onEvent?.Invoke(@event);
            }
#pragma warning disable CA1031 // Exceptions of consumer code must not end the stream.
            catch (Exception e)
#pragma warning restore CA1031
            {
                subscription.Failed(e);
            }
        }
    }
}

/// <summary>Handles a record. The record is valid only during the call; copy it to keep it.</summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public delegate void RecordHandler<TRecord>(in TRecord record)
    where TRecord : struct;
