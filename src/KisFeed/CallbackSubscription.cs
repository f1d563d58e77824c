using KisFeed.Client;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>
/// A subscription that passes its records to a callback, on a thread of its own and without allocating. If the callback throws, the
/// exception is logged and counted, and the next record follows.
/// </summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public sealed class CallbackSubscription<TRecord> : FeedSubscription
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly RecordDecoder<TRecord> _decoder;
    private readonly Handlers _handlers;

    internal CallbackSubscription(
        ISubscriptionSource source, FrameQueue queue, RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent, ILogger logger)
        : base(source, queue)
    {
        _decoder = new RecordDecoder<TRecord>(Feed, Key, Queue);
        _handlers = new Handlers(onRecord, onEvent, logger, Feed.TrId, Queue);
        Completion = Task.Run(PumpAsync);

        // The client's own completion reports the error to programs that do not observe this task, so the finalizer must not.
        _ = Completion.ContinueWith(
            static t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>
    /// Completes when no more records follow: successfully after the subscription or the client was disposed; with a
    /// <see cref="ConnectionLostException"/> after the connection was lost permanently.
    /// </summary>
    public Task Completion { get; }

    /// <summary>The number of exceptions that the callback threw.</summary>
    public long HandlerErrors => _handlers.Errors;

    private protected override async ValueTask EndAsync()
    {
        // A callback may dispose its own subscription; waiting for it here would never end.
        if (!_handlers.IsRunningHere)
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PumpAsync()
    {
        _handlers.MarkRunning();
        while (await Queue.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_decoder.TryDecodeNext(_handlers))
            {
            }
        }

        if (Queue.ReadFinalGap() is { } last)
            _handlers.OnEvent(last.AddressedTo(Feed, Key));
        Queue.ThrowIfFailed();
    }

    private sealed class Handlers(
        RecordHandler<TRecord> onRecord, Action<FeedEvent>? onEvent, ILogger logger, string feed, FrameQueue queue)
        : IRecordSink<TRecord>
    {
        private readonly AsyncLocal<bool> _running = new();
        private long _errors;

        public long Errors => Interlocked.Read(ref _errors);

        public bool IsRunningHere => _running.Value;

        public void MarkRunning() => _running.Value = true;

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
                Failed(e);
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
                Failed(e);
            }
        }

        private void Failed(Exception error)
        {
            queue.CountHandlerError();
            var count = Interlocked.Increment(ref _errors);
            if (long.IsPow2(count))
                ClientLog.HandlerFailed(logger, feed, count, error);
        }
    }
}

/// <summary>Handles a record. The record is valid only during the call; copy it to keep it.</summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public delegate void RecordHandler<TRecord>(in TRecord record)
    where TRecord : struct;
