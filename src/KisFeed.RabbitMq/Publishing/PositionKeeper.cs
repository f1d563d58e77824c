using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>Determines how far a publisher came, and writes it to its file each second and at the end.</summary>
internal sealed class PositionKeeper
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly RabbitMqPublisherOptions _options;
    private readonly UnconfirmedBatches _unconfirmed;
    private readonly PublisherProgress _progress;
    private readonly PositionFile? _file;
    private readonly ILogger _logger;
    private long _sentTicks;
    private PublisherPosition? _written;
    private bool _hasFailed;

    /// <summary>Reads the position of the last start and begins the next epoch.</summary>
    /// <exception cref="RabbitMqException">The file cannot be read.</exception>
    public PositionKeeper(RabbitMqPublisherOptions options, UnconfirmedBatches unconfirmed, PublisherProgress progress, ILogger logger)
    {
        _options = options;
        _unconfirmed = unconfirmed;
        _progress = progress;
        _logger = logger;
        _file = options.Recorder is null ? null : new PositionFile(options.PositionPath);
        var last = _file?.Read();
        var now = (ulong)options.Cluster.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        Epoch = last is { Epoch: var epoch } ? Math.Max(epoch + 1, now) : now;
        ContinuesAt = last?.ConfirmedAt;
    }

    /// <summary>The epoch of this start.</summary>
    public ulong Epoch { get; }

    /// <summary>Everything received up to this time was confirmed before this start; <see langword="null"/> if there was none.</summary>
    public DateTimeOffset? ContinuesAt { get; }

    /// <summary>
    /// Sets the time up to which every frame is in a batch that is confirmed or unconfirmed. Events have times of other clocks, so they are not considered: those after the last
    /// frame are sent again at the next start.
    /// </summary>
    public void SetSent(DateTimeOffset at) => Volatile.Write(ref _sentTicks, at.UtcTicks);

    /// <summary>Writes the position each second.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        do
            Write();
        while (await WaitAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Writes the position if it has changed.</summary>
    public void Write()
    {
        // Read before the batches: what is sent meanwhile is then only counted later.
        var sent = Volatile.Read(ref _sentTicks);
        var first = _unconfirmed.FirstAt?.UtcTicks - 1;
        DateTimeOffset? confirmedAt = sent == 0 ? null : new DateTimeOffset(Math.Min(sent, first ?? sent), TimeSpan.Zero);
        _progress.SetConfirmedAt(confirmedAt);
        var position = new PublisherPosition(Epoch, confirmedAt);
        if (_file is null || position == _written)
            return;
        try
        {
            _file.Write(position);
            _written = position;
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
        await Task.Delay(s_interval, _options.Cluster.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }
}
