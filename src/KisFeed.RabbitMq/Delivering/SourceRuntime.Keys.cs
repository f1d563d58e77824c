using KisFeed.Client;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Delivering;

// The keys and those who want them.
internal sealed partial class SourceRuntime
{
    private readonly Dictionary<(string TrId, string Key), KeyAttachments> _entries = [];
    private readonly Dictionary<(string TrId, string Key), Task> _releasing = [];

    public async Task<ISubscriptionSource> AttachAsync(FeedSchema feed, string key, IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (feed.IsNotice)
            throw new FeedNotAvailableException($"{feed.TrId}: order notices are not published to a cluster; connect to the gateway that has the session of the account");
        SourceAttachment attachment;
        lock (_gate)
        {
            ThrowIfDisposed();
            if (_error is not null)
                throw new ConnectionLostException($"{feed.TrId} cannot be subscribed to, because the cluster cannot be read: {_error.Message}", _error);
            attachment = Attach(feed, key, receiver);
        }

        try
        {
            await attachment.Key.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                if (attachment.Key.Error is { } error)
                    throw error;
                if (attachment.IsDetached)
                    throw new OperationCanceledException();
                attachment.Key.Key.Confirm(receiver, RabbitMqSource.SessionName, _clock.EventAt(), _delivery.StreamOf(attachment.Key.Key.Partition).IsBehind);
                attachment.IsConfirmed = true;
                NotifyObservers();
            }

            return attachment;
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
                Detach(attachment);
            cancellationToken.ThrowIfCancellationRequested();
            if (attachment.Key.Error is { } error)
                throw error;
            throw new ObjectDisposedException("KisFeed.RabbitMq.RabbitMqSource", "the source was disposed while a key was being added");
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                if (!attachment.IsDetached)
                    End(attachment.Key, e);
            }

            throw;
        }
    }

    /// <summary>Detaches from a key. Completes when the key is released, if nobody else wants it.</summary>
    public async Task DetachAsync(SourceAttachment attachment, CancellationToken cancellationToken)
    {
        lock (_gate)
            Detach(attachment);
        await attachment.Key.Released.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private SourceAttachment Attach(FeedSchema feed, string key, IFrameReceiver receiver)
    {
        var id = (feed.TrId, key);
        if (!_entries.TryGetValue(id, out var entry))
        {
            if (_entries.Count >= _options.MaxKeys)
                throw new RegistrationLimitException($"the source has {_options.MaxKeys} keys, which is its limit: release one");
            entry = new KeyAttachments(_delivery.Add(feed, key)) { Earlier = _releasing.GetValueOrDefault(id, Task.CompletedTask) };
            _entries.Add(id, entry);
            entry.Ready = MakeReadyAsync(entry, OpenStream(entry.Key.Partition));
        }

        var attachment = new SourceAttachment(this, entry, receiver);
        entry.Attachments.Add(attachment);
        NotifyObservers();
        return attachment;
    }

    private SourceStream OpenStream(int partition)
    {
        if (_streams.TryGetValue(partition, out var stream))
            return stream;
        stream = new SourceStream(this, _options, _partitions.NameOf(partition), _delivery.StreamOf(partition), _logger);
        _streams.Add(partition, stream);
        stream.Start();
        return stream;
    }

    // The stream is read before others are asked for the key, so that its first frame is not missed.
    private async Task MakeReadyAsync(KeyAttachments entry, SourceStream stream)
    {
        var cancellation = entry.Cancellation.Token;
        await Task.Yield();
        await entry.Earlier.WaitAsync(cancellation).ConfigureAwait(false);
        Task opened;
        lock (_gate)
            opened = stream.Opened;
        await opened.WaitAsync(cancellation).ConfigureAwait(false);
        if (_options.Demand is not { } demand)
            return;
        entry.IsDemanded = true;
        var epoch = await demand.AddAsync(entry.Key.Feed, entry.Key.Key, cancellation).ConfigureAwait(false);

        // What an earlier publisher sends late must not count as current data.
        lock (_gate)
            entry.Key.Ownership.Expect(epoch);
    }

    private void Detach(SourceAttachment attachment)
    {
        var entry = attachment.Key;
        if (attachment.IsDetached)
            return;
        attachment.IsDetached = true;
        entry.Attachments.Remove(attachment);
        entry.Key.Remove(attachment.Receiver);
        attachment.Receiver.Complete(null);
        if (entry.Attachments.Count == 0)
            Remove(entry);
    }

    private void OnRefused(object? sender, KeyRefusedEventArgs e)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((e.Feed.TrId, e.Key), out var entry))
                End(entry, e.Refusal);
            _delivery.Wakeups.Flush();
        }
    }

    private void EndKey(DeliveredKey key, KisFeedException error) => End(_entries[(key.Feed.TrId, key.Key)], error);

    private void End(KeyAttachments entry, Exception? error)
    {
        entry.Error = error;
        foreach (var attachment in entry.Attachments)
        {
            attachment.IsDetached = true;
            attachment.Receiver.Complete(error);
        }

        entry.Attachments.Clear();
        entry.Key.Clear();
        Remove(entry);
    }

    private void Remove(KeyAttachments entry)
    {
        var id = (entry.Key.Feed.TrId, entry.Key.Key);
        _entries.Remove(id);
        SourceStream? unused = null;
        if (_delivery.Remove(entry.Key) && _streams.Remove(entry.Key.Partition, out unused))
        {
            _duplicates += unused.Delivery.Entries.Duplicates;
            _malformed += unused.Delivery.Entries.Malformed;
        }

        entry.Released = Task.Run(() => ReleaseAsync(entry, unused));
        _releasing[id] = entry.Released;
        _ending.Add(entry.Released);
        UpdateSession();
    }

    private async Task ReleaseAsync(KeyAttachments entry, SourceStream? unused)
    {
        await entry.Cancellation.CancelAsync().ConfigureAwait(false);
        await entry.Ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (unused is not null)
            await unused.DisposeAsync().ConfigureAwait(false);

        // Otherwise the release before this one could remove the demand of the next who want the key.
        await entry.Earlier.ConfigureAwait(false);
        if (entry.IsDemanded)
        {
            try
            {
                await _options.Demand!.RemoveAsync(entry.Key.Feed, entry.Key.Key).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The demand ends with its lease; the key must be free to be added again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                SourceLog.NotReleased(_logger, entry.Key.Feed.TrId, e);
            }
        }

        lock (_gate)
        {
            var id = (entry.Key.Feed.TrId, entry.Key.Key);
            if (_releasing.TryGetValue(id, out var releasing) && releasing == entry.Released)
                _releasing.Remove(id);
            _ending.Remove(entry.Released);
        }

        entry.Cancellation.Dispose();
    }
}

/// <summary>A key and those who want it. Guarded by the lock of the source.</summary>
internal sealed class KeyAttachments(DeliveredKey key)
{
    public DeliveredKey Key => key;

    public List<SourceAttachment> Attachments { get; } = [];

    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The release of the key by those who wanted it before.</summary>
    public required Task Earlier { get; init; }

    /// <summary>Completes when frames may follow; fails if they never will.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Completes when nobody is asked for the key any more, or is complete while somebody here wants it.</summary>
    public Task Released { get; set; } = Task.CompletedTask;

    /// <summary>Whether others were asked for the key.</summary>
    public bool IsDemanded { get; set; }

    /// <summary>Why the key has ended.</summary>
    public Exception? Error { get; set; }
}

/// <summary>A consumer's hold on a key.</summary>
internal sealed class SourceAttachment(SourceRuntime runtime, KeyAttachments key, IFrameReceiver receiver) : ISubscriptionSource
{
    public FeedSchema Feed => key.Key.Feed;

    string ISubscriptionSource.Key => key.Key.Key;

    public KeyAttachments Key => key;

    public IFrameReceiver Receiver => receiver;

    public bool IsConfirmed { get; set; }

    public bool IsDetached { get; set; }

    public Task EndAsync(CancellationToken cancellationToken) => runtime.DetachAsync(this, cancellationToken);
}
