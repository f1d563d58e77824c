namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// Sends batches when they are complete or old enough, each when it has a place among the unconfirmed ones. Not thread-safe.
/// </summary>
/// <param name="assembler">Collects the batches.</param>
/// <param name="unconfirmed">Receives the batches that are sent.</param>
/// <param name="progress">Counts them.</param>
/// <param name="maxAge">How long an entry waits for others.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchSender(
    BatchAssembler assembler, UnconfirmedBatches unconfirmed, PublisherProgress progress, TimeSpan maxAge, TimeProvider time)
{
    private const uint CallsPerCheck = 4;

    // How often streams without batches are told what is confirmed.
    private static readonly TimeSpan s_markInterval = TimeSpan.FromSeconds(1);

    private uint _calls;
    private long? _openSince;
    private long _markedAt;

    /// <summary>Called when everything added to the assembler is among the unconfirmed batches.</summary>
    public Action OnAllSent { get; set; } = static () => { };

    /// <summary>Whether a batch has entries and is not complete.</summary>
    public bool HasOpen => assembler.HasOpen;

    /// <summary>Whether entries have not been sent.</summary>
    public bool HasUnsent => assembler.HasOpen || assembler.HasComplete;

    /// <summary>When there is something to send, if nothing is added.</summary>
    public TimeSpan TimeLeft =>
        !assembler.HasOpen ? s_markInterval : _openSince is { } since ? maxAge - time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>A batch without entries for each stream.</summary>
    public IReadOnlyList<(string Stream, byte[] Body)> MarkAll() => assembler.MarkAll();

    /// <summary>Sends complete batches, and the others if they are old enough.</summary>
    /// <remarks>Called for each frame, and most frames have nothing to wait for.</remarks>
    public Task SendDueAsync(PublishLink link, CancellationToken cancellationToken)
    {
        // Reading the clock costs as much as a third of adding a frame. When no frames wait, the caller waits for TimeLeft.
        if (assembler.HasOpen && (_openSince is null || ++_calls % CallsPerCheck == 0))
        {
            var now = time.GetTimestamp();
            _openSince ??= now;
            if (time.GetElapsedTime(_openSince.Value, now) >= maxAge)
                return SendAllAsync(link, cancellationToken);
        }

        return SendNextAsync(link, cancellationToken);
    }

    /// <summary>Sends the batches that are long enough. Called when no other frames wait.</summary>
    public Task SendReadyAsync(PublishLink link, CancellationToken cancellationToken)
    {
        assembler.CompleteReady();
        return SendNextAsync(link, cancellationToken);
    }

    /// <summary>Sends all batches.</summary>
    public Task SendAllAsync(PublishLink link, CancellationToken cancellationToken)
    {
        assembler.CompleteAll();
        return SendToEndAsync(link, cancellationToken);
    }

    /// <summary>Says what is confirmed in streams that have had no batch for a while, at most once a second.</summary>
    public async Task SendMarksAsync(PublishLink link, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_markedAt) < s_markInterval)
            return;
        _markedAt = time.GetTimestamp();
        assembler.AddMarks(isEnd: false);
        await SendCompleteAsync(link, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says what is confirmed, when there are no later batches.</summary>
    public async Task SendLastMarksAsync(PublishLink link, CancellationToken cancellationToken)
    {
        assembler.AddMarks(isEnd: true);
        await SendCompleteAsync(link, cancellationToken).ConfigureAwait(false);
    }

    // Full batches may leave none open, so that all is sent without the time of an open batch.
    private Task SendNextAsync(PublishLink link, CancellationToken cancellationToken) =>
        !assembler.HasComplete ? Task.CompletedTask
        : assembler.HasOpen ? SendCompleteAsync(link, cancellationToken)
        : SendToEndAsync(link, cancellationToken);

    private async Task SendToEndAsync(PublishLink link, CancellationToken cancellationToken)
    {
        await SendCompleteAsync(link, cancellationToken).ConfigureAwait(false);
        OnAllSent();
        await SendMarksAsync(link, cancellationToken).ConfigureAwait(false);
    }

    // A batch is taken once it has a place among the unconfirmed ones, so an exception loses none.
    private async Task SendCompleteAsync(PublishLink link, CancellationToken cancellationToken)
    {
        if (!assembler.HasOpen)
            _openSince = null;
        while (assembler.HasComplete)
        {
            await unconfirmed.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            var batch = assembler.TakeComplete();
            unconfirmed.Add(batch);
            progress.OnSent(batch.Entries);
            await link.PublishAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }
}
