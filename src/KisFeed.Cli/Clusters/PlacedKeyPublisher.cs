using KisFeed.Capture;
using KisFeed.RabbitMq;

namespace KisFeed.Cli.Clusters;

/// <summary>Publishes the keys that a cluster places on a gateway, and those alone, because other gateways publish the others.</summary>
internal sealed class PlacedKeyPublisher(RabbitMqPublisher publisher) : IFramePublisher, IPlacedKeyPublisher
{
    private readonly Dictionary<(string TrId, string Key), PlacedKey> _placed = [];

    /// <summary>As <see cref="RabbitMqPublisher.Completion"/>.</summary>
    public Task Completion => publisher.Completion;

    public bool HasEnded => Status.HasEnded;

    public FramePublisherStatus Status => publisher.Status;

    public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        lock (_placed)
        {
            if (!_placed.TryGetValue((feed.TrId, key), out var placed))
                return Task.CompletedTask;
            if (placed.Added is not { HasFailed: false })
                placed.Added = new AddedKey(token => publisher.AddAsync(feed, key, placed.Epoch, token), cancellationToken);
            return placed.Added.WaitAsync();
        }
    }

    public async Task RemoveAsync(FeedSchema feed, string key)
    {
        AddedKey? added = null;
        lock (_placed)
        {
            // The key stays placed: it may be added again.
            if (_placed.TryGetValue((feed.TrId, key), out var placed))
                (added, placed.Added) = (placed.Added, null);
        }

        if (added is not null)
            await added.DisposeAsync();
        await publisher.RemoveAsync(feed, key).ConfigureAwait(false);
    }

    public void Place(FeedSchema feed, string key, uint epoch)
    {
        lock (_placed)
            _placed[(feed.TrId, key)] = new PlacedKey(epoch);
    }

    public async Task UnplaceAsync(FeedSchema feed, string key)
    {
        AddedKey? added;
        lock (_placed)
            added = _placed.Remove((feed.TrId, key), out var placed) ? placed.Added : null;
        if (added is null)
            return;
        await added.DisposeAsync();
        await publisher.RemoveAsync(feed, key).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    private sealed class PlacedKey(uint epoch)
    {
        public uint Epoch => epoch;

        public AddedKey? Added { get; set; }
    }

    /// <summary>
    /// A key that is being added, or was added. That may take until there is a connection, so the removal of the key cancels it.
    /// </summary>
    private sealed class AddedKey : IAsyncDisposable
    {
        private readonly CancellationTokenSource _cancellation;
        private readonly Task _adding;
        private volatile bool _isRemoved;

        public AddedKey(Func<CancellationToken, Task> add, CancellationToken cancellationToken)
        {
            _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _adding = add(_cancellation.Token);
        }

        public bool HasFailed => _adding is { IsCompleted: true, IsCompletedSuccessfully: false };

        /// <summary>Waits until the key is added, or removed again, because another gateway may have it then.</summary>
        public async Task WaitAsync()
        {
            try
            {
                await _adding;
            }
            catch (OperationCanceledException) when (_isRemoved)
            {
                // Its consumers here get it all the same.
            }
        }

        public async ValueTask DisposeAsync()
        {
            _isRemoved = true;
            await _cancellation.CancelAsync();
            await _adding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _cancellation.Dispose();
        }
    }
}
