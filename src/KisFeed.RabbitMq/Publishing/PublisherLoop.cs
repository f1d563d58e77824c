using System.Runtime.ExceptionServices;
using KisFeed.Capture;
using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Format;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// Sends the items of a tap to the cluster. While the cluster is away, items wait in the queue of the tap; when that is full, they
/// are read from the capture instead, and the live items are joined by the times of frames. Failures are retried with growing
/// delays, except those that need people.
/// </summary>
internal sealed class PublisherLoop : IDisposable
{
    // A part of the capture that is read faster than this is nearly live.
    private static readonly TimeSpan s_nearlyLive = TimeSpan.FromSeconds(1);

    private readonly FrameTap _tap;
    private readonly RabbitMqPublisherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClusterConnector _connector;
    private readonly RetryDelay _retry;
    private readonly IReadOnlyList<string> _streams;
    private readonly UnconfirmedBatches _unconfirmed;
    private readonly PublisherProgress _progress;
    private readonly PositionKeeper _position;
    private readonly BatchSender _sender;
    private readonly ItemHandler _items;
    private readonly RecordedSource? _recorded;
    private readonly CancellationTokenSource _aborting;
    private readonly CancellationTokenSource _ended = new();

    private Task<bool>? _waiting;
    private ExceptionDispatchInfo? _sourceFailure;
    private bool _isBehind;
    private long _seenDropped;
    private bool _hasConnected;

    public PublisherLoop(
        FrameTap tap, FeedCatalog catalog, KeyEpochs epochs, PublisherPosition? last, RabbitMqPublisherOptions options,
        Func<DataSource?> data, ILogger logger)
    {
        _tap = tap;
        _options = options;
        _time = options.Cluster.TimeProvider;
        _logger = logger;
        _connector = new ClusterConnector(options.Cluster, $"KisFeed publisher {options.Source}");
        _retry = new RetryDelay(options.Cluster);
        var partitions = new Partitions(options.Cluster.Prefix, options.Cluster.Partitions);
        _streams = partitions.Names;
        _unconfirmed = new UnconfirmedBatches(partitions.Count, options.MaxUnconfirmedBatches);
        _progress = new PublisherProgress(_unconfirmed, () => options.Recorder is null ? tap.Dropped : 0, _time);
        _position = new PositionKeeper(options, last, epochs, _unconfirmed, _progress, logger);
        var assembler = new BatchAssembler(
            partitions, new BatchOrigin(options.Source, _position.Epoch, _position.ContinuesAt is not null), catalog, epochs,
            options.BatchFrames, options.BatchFrames + (options.BatchFrames / 4), _unconfirmed.ConfirmedOf, data);
        _sender = new BatchSender(assembler, _unconfirmed, _progress, options.MaxBatchAge, _time);
        _recorded = options.Recorder is null ? null : new RecordedSource(options.Recorder, catalog, _time);
        _isBehind = _position.ContinuesAt is not null;
        _items = new ItemHandler(assembler, epochs, _position.ContinuesAt ?? _time.GetUtcNow(), _recorded?.StartedAt, _isBehind);
        _sender.OnAllSent = () => _position.SetSent(_items.LastFrameAt);
        _sender.OnAllSent();
        _aborting = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
    }

    public FramePublisherStatus Status => _progress.Status;

    /// <summary>Ends the loop when everything is confirmed, once the tap has ended, or after a while.</summary>
    public void Stop() => _aborting.CancelAfter(_options.StopTimeout);

    /// <summary>Completes when the periods of the keys are stored, so that the next start knows them, or cannot be stored.</summary>
    public Task StoreKeysAsync() => _position.StoreKeysAsync();

    public async Task RunAsync()
    {
        var keeping = _position.RunAsync(_ended.Token);
        try
        {
            while (!await TryRunAsync().ConfigureAwait(false))
            {
            }
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(false);
            _position.End();
            _progress.End();
        }

        _sourceFailure?.Throw();
    }

    public void Dispose()
    {
        _aborting.Dispose();
        _ended.Dispose();
    }

    // Returns whether the publisher has come to its end.
    private async Task<bool> TryRunAsync()
    {
        try
        {
            await RunConnectedAsync().ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (_aborting.IsCancellationRequested)
        {
            return true;
        }
#pragma warning disable CA1031 // A publisher that gives up publishes nothing any more; nothing is lost by retrying, even after a bug.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // A node that has just been started may refuse users whom it does not know yet.
            if (!_hasConnected && ClusterFailure.PermanentErrorOf(e) is { } error)
                throw OnEnded(error);
            Report(e);
        }

        await _retry.WaitAsync(_aborting.Token).ConfigureAwait(false);
        return _aborting.IsCancellationRequested;
    }

    private async Task RunConnectedAsync()
    {
        var link = await PublishLink.OpenAsync(
            _connector, _streams, _options.StreamArguments, _unconfirmed, _progress.OnConfirmed, _time, _aborting.Token)
            .ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            _hasConnected = true;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_aborting.Token, link.Lost);
            try
            {
                await PublishAsync(link, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (link.Lost.IsCancellationRequested && !_aborting.IsCancellationRequested)
            {
                link.ThrowIfLost();
            }
        }
    }

    private async Task PublishAsync(PublishLink link, CancellationToken cancellationToken)
    {
        await link.ProbeAsync(_sender.MarkAll(), cancellationToken).ConfigureAwait(false);
        var again = _unconfirmed.Restart();
        foreach (var batch in again)
            await link.PublishAsync(batch, cancellationToken).ConfigureAwait(false);
        _progress.OnConnected(again.Count);
        PublisherLog.Connected(_logger, _options.Source, _connector.Address, again.Count);
        while (true)
        {
            if (_isBehind)
                await CatchUpAsync(link, cancellationToken).ConfigureAwait(false);
            OnWorking();
            _progress.SetLive(true);
            if (await SendLiveAsync(link, cancellationToken).ConfigureAwait(false))
                break;
        }

        await _sender.SendAllAsync(link, cancellationToken).ConfigureAwait(false);
        await _unconfirmed.WaitForAllAsync(cancellationToken).ConfigureAwait(false);
        await _sender.SendLastMarksAsync(link, cancellationToken).ConfigureAwait(false);
        await _unconfirmed.WaitForAllAsync(cancellationToken).ConfigureAwait(false);
    }

    // Reads the capture until it is nearly live. What the tap has received before the flush is in files after it.
    private async Task CatchUpAsync(PublishLink link, CancellationToken cancellationToken)
    {
        _progress.SetLive(false);
        var (since, count) = (_items.LastFrameAt, 0L);
        TimeSpan took;
        do
        {
            var begin = _time.GetTimestamp();
            while (_recorded!.IsRecording && _tap.TryRead(out _))
            {
                // It is in the capture.
            }

            var dropped = _tap.Dropped;
            if (await _recorded.FlushAsync(cancellationToken).ConfigureAwait(false) is { } until && until >= _items.LastFrameAt)
            {
                await foreach (var item in _recorded.ReadAsync(_items.LastFrameAt, until, cancellationToken).ConfigureAwait(false))
                {
                    if (item.Problem is { } problem)
                        PublisherLog.Unreadable(_logger, _options.Source, problem.Message);
                    if (!_items.TryAddRecorded(item))
                        continue;
                    count++;
                    _progress.OnCaughtUp();
                    await _sender.SendDueAsync(link, cancellationToken).ConfigureAwait(false);
                    if (count == 1)
                        OnWorking();
                }
            }

            if (!_sender.HasUnsent)
                _sender.OnAllSent();
            _seenDropped = dropped;
            took = _time.GetElapsedTime(begin);
        }
        while (took > s_nearlyLive);

        _items.BeginJoin(_time.GetUtcNow());
        _isBehind = false;
        PublisherLog.CaughtUp(_logger, _options.Source, count, since);
    }

    // Returns whether the tap has ended, rather than having dropped frames.
    private async Task<bool> SendLiveAsync(PublishLink link, CancellationToken cancellationToken)
    {
        while (true)
        {
            _waiting ??= WaitForItemsAsync();
            if (!_waiting.IsCompleted)
            {
                await WaitAsync(link, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var hasItems = await _waiting.ConfigureAwait(false);
            _waiting = null;
            if (!hasItems)
                return true;
            while (_tap.TryRead(out var item))
            {
                // A dropped frame is before this item, or after it.
                var isRecording = _recorded is { IsRecording: true };
                if (isRecording && _tap.Dropped != _seenDropped)
                {
                    _isBehind = true;
                    _items.LeaveLive();
                    return false;
                }

                _items.AddLive(item, isRecording);
                await _sender.SendDueAsync(link, cancellationToken).ConfigureAwait(false);
            }

            await _sender.SendReadyAsync(link, cancellationToken).ConfigureAwait(false);
        }
    }

    // Waits for the next item, or until the open batches must be sent.
    private async Task WaitAsync(PublishLink link, CancellationToken cancellationToken)
    {
        var left = _sender.TimeLeft;
        if (left > TimeSpan.Zero)
        {
            using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_waiting!, Task.Delay(left, _time, done.Token)).ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (_waiting!.IsCompleted)
            return;
        if (_sender.HasOpen)
            await _sender.SendAllAsync(link, cancellationToken).ConfigureAwait(false);
        else
            await _sender.SendMarksAsync(link, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> WaitForItemsAsync()
    {
        try
        {
            return await _tap.WaitToReadAsync().ConfigureAwait(false);
        }
        catch (KisFeedException e)
        {
            _sourceFailure = ExceptionDispatchInfo.Capture(e);
            return false;
        }
    }

    // Connecting is not enough: if the capture cannot be read, connecting again does not help.
    private void OnWorking()
    {
        _retry.Reset();
        if (_progress.Problem is not null)
            PublisherLog.Resumed(_logger, _options.Source, _progress.SetProblem(null, null).TotalSeconds);
    }

    private void Report(Exception e)
    {
        var problem = ClusterFailure.TextOf(e);
        if (_progress.Problem != problem)
        {
            if (ClusterFailure.IsExpected(e) || e is CaptureException)
                PublisherLog.CannotPublish(_logger, _options.Source, _connector.Address, problem);
            else
                PublisherLog.Failed(_logger, _options.Source, e);
        }

        _progress.SetProblem(problem, ClusterFailure.SummaryOf(e));
    }

    private RabbitMqException OnEnded(RabbitMqException e)
    {
        PublisherLog.Ended(_logger, _options.Source, e.Message);
        _progress.SetProblem(e.Message, ClusterFailure.SummaryOf(e.InnerException ?? e));
        return e;
    }
}
