using System.Security.Cryptography;
using KisFeed.Gateway;
using KisFeed.RabbitMq;

namespace KisFeed.Cli.Clusters;

/// <summary>
/// Publishes what a gateway records to a RabbitMQ cluster: every key; or, if the cluster places keys on the gateway, those alone, because other gateways publish the others.
/// </summary>
internal sealed class ClusterPublisher : IFramePublisher, IPlacedKeyPublisher
{
    private readonly RabbitMqPublisher _publisher;
    private readonly TimeProvider _time;
    private readonly Dictionary<(string TrId, string Key), PlacedKey>? _placed;

    private ClusterPublisher(RabbitMqPublisher publisher, TimeProvider time, bool publishesPlacedKeysOnly)
    {
        _publisher = publisher;
        _time = time;
        _placed = publishesPlacedKeysOnly ? [] : null;
    }

    /// <summary>As <see cref="RabbitMqPublisher.Completion"/>.</summary>
    public Task Completion => _publisher.Completion;

    public bool HasEnded => _publisher.Status.HasEnded;

    public FramePublisherStatus Status
    {
        get
        {
            var status = _publisher.Status;
            return new FramePublisherStatus
            {
                IsPublishing = status is { Problem: null, HasEnded: false },
                IsLive = status.IsLive,
                HasEnded = status.HasEnded,
                ProblemSince = status.ProblemSince,
                Problem = status.ProblemSummary,
                PublishedAt = status.ConfirmedAt,
                Lag = status.IsLive || status.ConfirmedAt is not { } at ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, (_time.GetUtcNow() - at).Ticks)),
                Published = status.Confirmed,
                CaughtUp = status.CaughtUp,
                Dropped = status.Dropped,
            };
        }
    }

    /// <summary>The id of a gateway that has none: the name of the machine, and a hash of the folder of its recording. It is the same at each start.</summary>
    public static string SourceOf(string folder)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..8];
        var machine = string.Concat(Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-').Take(48));
        return $"{machine}-{hash}";
    }

    /// <summary>Starts a publisher.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="source">The id of the gateway among all publishers.</param>
    /// <param name="context">The frames and their recorder.</param>
    /// <param name="publishesPlacedKeysOnly">Whether only keys are published that <see cref="IPlacedKeyPublisher.Place"/> has named.</param>
    /// <exception cref="CommandException">An option is not valid, or the position of an earlier start cannot be read.</exception>
    public static ClusterPublisher Start(RabbitMqClusterOptions cluster, string source, FramePublisherContext context, bool publishesPlacedKeysOnly)
    {
        try
        {
            var options = new RabbitMqPublisherOptions
            {
                Cluster = cluster with { MeterFactory = context.MeterFactory },
                Source = source,
                Recorder = context.Recorder,
                StopTimeout = CommandHost.StopTimeout,
            };
            return new ClusterPublisher(RabbitMqPublisher.Start(context.Frames, options), cluster.TimeProvider, publishesPlacedKeysOnly);
        }
        catch (Exception e) when (e is ArgumentException or RabbitMqException)
        {
            throw new CommandException(e.Message, e);
        }
    }

    public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        if (_placed is null)
            return _publisher.AddAsync(feed, key, cancellationToken: cancellationToken);
        lock (_placed)
        {
            if (!_placed.TryGetValue((feed.TrId, key), out var placed))
                return Task.CompletedTask;
            if (placed.Added is not { HasFailed: false })
                placed.Added = new AddedKey(token => _publisher.AddAsync(feed, key, placed.Epoch, token), cancellationToken);
            return placed.Added.WaitAsync();
        }
    }

    public async Task RemoveAsync(FeedSchema feed, string key)
    {
        AddedKey? added = null;
        if (_placed is not null)
        {
            lock (_placed)
            {
                // The key stays placed: it may be added again.
                if (_placed.TryGetValue((feed.TrId, key), out var placed))
                    (added, placed.Added) = (placed.Added, null);
            }
        }

        if (added is not null)
            await added.DisposeAsync();
        await _publisher.RemoveAsync(feed, key).ConfigureAwait(false);
    }

    public void Place(FeedSchema feed, string key, uint epoch)
    {
        lock (_placed!)
            _placed[(feed.TrId, key)] = new PlacedKey(epoch);
    }

    public async Task UnplaceAsync(FeedSchema feed, string key)
    {
        AddedKey? added;
        lock (_placed!)
            added = _placed.Remove((feed.TrId, key), out var placed) ? placed.Added : null;
        if (added is null)
            return;
        await added.DisposeAsync();
        await _publisher.RemoveAsync(feed, key).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    private sealed class PlacedKey(uint epoch)
    {
        public uint Epoch => epoch;

        public AddedKey? Added { get; set; }
    }

    /// <summary>A key that is being added, or was added. That may take until there is a connection, so the removal of the key cancels it.</summary>
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
