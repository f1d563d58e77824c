using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// Determines how far a publisher came, and writes it with the periods of its keys to its file: each second, when
/// keys have changed, and at the end.
/// </summary>
internal sealed class PositionKeeper
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    // A disk that does not answer delays keys no longer than this.
    private static readonly TimeSpan s_storeLimit = TimeSpan.FromSeconds(5);

    private readonly RabbitMqPublisherOptions _options;
    private readonly KeyEpochs _epochs;
    private readonly UnconfirmedBatches _unconfirmed;
    private readonly PublisherProgress _progress;
    private readonly PositionFile? _file;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private TaskCompletionSource _requested = NewSignal();
    private TaskCompletionSource _stored = NewSignal();
    private long _sentTicks;
    private (DateTimeOffset? ConfirmedAt, long Keys)? _written;
    private bool _hasFailed;
    private bool _hasEnded;

    /// <summary>Begins the next epoch.</summary>
    /// <param name="options">The options.</param>
    /// <param name="last">The position of the last start; <see langword="null"/> if there was none.</param>
    /// <param name="epochs">Receives the periods of the last start.</param>
    /// <param name="unconfirmed">The batches that are not confirmed.</param>
    /// <param name="progress">Receives how far the publisher came.</param>
    /// <param name="logger">Where to log.</param>
    public PositionKeeper(
        RabbitMqPublisherOptions options, PublisherPosition? last, KeyEpochs epochs, UnconfirmedBatches unconfirmed,
        PublisherProgress progress, ILogger logger)
    {
        _options = options;
        _epochs = epochs;
        _unconfirmed = unconfirmed;
        _progress = progress;
        _logger = logger;
        _file = options.Recorder is null ? null : new PositionFile(options.PositionPath);
        var now = (ulong)options.Cluster.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        Epoch = last is { Epoch: var epoch } ? Math.Max(epoch + 1, now) : now;
        ContinuesAt = last?.ConfirmedAt;
        if (last is not null)
            epochs.Restore(last.Keys, options.Recorder!.StartedAt);
    }

    /// <summary>The epoch of this start.</summary>
    public ulong Epoch { get; }

    /// <summary>Everything received up to this time was confirmed before this start; <see langword="null"/> if there was none.</summary>
    public DateTimeOffset? ContinuesAt { get; }

    /// <summary>
    /// Sets the time up to which every frame is in a batch that is confirmed or unconfirmed. Events have times of other clocks, so they are
    /// not considered: those after the last frame are sent again at the next start.
    /// </summary>
    public void SetSent(DateTimeOffset at) => Volatile.Write(ref _sentTicks, at.UtcTicks);

    /// <summary>Completes when the current periods of the keys are in the file, or it cannot be written.</summary>
    public async Task StoreKeysAsync()
    {
        Task stored;
        lock (_gate)
        {
            if (_file is null || _hasEnded)
                return;
            stored = _stored.Task;
            _requested.TrySetResult();
        }

        await stored.WaitAsync(s_storeLimit, _options.Cluster.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Writes the position each second, and when keys have changed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        do
            Write();
        while (await WaitAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Writes the position for the last time.</summary>
    public void End()
    {
        lock (_gate)
            _hasEnded = true;
        Write();
    }

    private void Write()
    {
        TaskCompletionSource stored;
        lock (_gate)
        {
            stored = _stored;
            _stored = NewSignal();
            if (_requested.Task.IsCompleted)
                _requested = NewSignal();
        }

        // Read before the batches: what is sent meanwhile is then only counted later.
        var sent = Volatile.Read(ref _sentTicks);
        var first = _unconfirmed.FirstAt?.UtcTicks - 1;
        DateTimeOffset? confirmedAt = sent == 0 ? null : new DateTimeOffset(Math.Min(sent, first ?? sent), TimeSpan.Zero);
        _progress.SetConfirmedAt(confirmedAt);
        if (confirmedAt is { } at)
            _epochs.Forget(at);
        TryWriteFile(confirmedAt);
        stored.TrySetResult();
    }

    private void TryWriteFile(DateTimeOffset? confirmedAt)
    {
        var keys = _epochs.Version;
        if (_file is null || (confirmedAt, keys) == _written)
            return;
        try
        {
            _file.Write(new PublisherPosition(Epoch, _epochs.Periods, confirmedAt));
            _written = (confirmedAt, keys);
            _hasFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
                PublisherLog.PositionNotWritten(_logger, _options.Source, _options.PositionPath, e.Message);
            _hasFailed = true;
        }
    }

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        Task requested;
        lock (_gate)
            requested = _requested.Task;
        await requested.WaitAsync(
            s_interval, _options.Cluster.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
