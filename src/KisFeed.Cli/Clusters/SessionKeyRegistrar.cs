using System.Collections.Concurrent;
using KisFeed.Coordination;
using KisFeed.Gateway;

namespace KisFeed.Cli.Clusters;

/// <summary>Registers the keys that a cluster places on the session of one app key with a gateway, and publishes them.</summary>
/// <param name="client">The client that has the session.</param>
/// <param name="session">The name of the session.</param>
/// <param name="leaseEpoch">Returns the epoch of the lease of the app key; 0 while another process holds it.</param>
/// <param name="placed">The keys of the gateway.</param>
/// <param name="publisher">Publishes the keys.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionKeyRegistrar(
    KisFeedClient client, string session, Func<long> leaseEpoch, IPlacedKeys placed, IPlacedKeyPublisher publisher, TimeProvider time)
    : IKeyRegistrar
{
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMilliseconds(50);

    // Longer than a broken line takes to connect again, as a rule.
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<(string Feed, string Key), PlacedRegistration> _keys = [];
    private volatile bool _isStopping;

    public int Slots
    {
        get
        {
            if (publisher.HasEnded || SessionStatus is not { Phase: not SessionPhase.Halted } status)
                return 0;
            var registered = client.Registrations.Where(registration => registration.Session == session).ToList();
            var held = registered.Count(registration => _keys.ContainsKey((registration.TrId, registration.Key)));
            var slots = Math.Max(0, status.Slots - (registered.Count - held));
            if (status.Phase == SessionPhase.Open || status.Failures == 0)
                return slots;

            // A session that cannot connect gets no keys that others could register. Without a key it would not try, so it gets one.
            return Math.Min(slots, status.Phase == SessionPhase.Idle ? Math.Max(held, 1) : held);
        }
    }

    private SessionStatus? SessionStatus => client.Sessions.FirstOrDefault(status => status.Name == session);

    private bool IsOpen => SessionStatus is { Phase: SessionPhase.Open };

    /// <summary>
    /// From now on keys are not released: the gateway closes its sessions, and the broker drops their registrations with them.
    /// </summary>
    public void Stop() => _isStopping = true;

    public async Task RegisterAsync(
        string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken)
    {
        if (!client.Catalog.TryFind(feed, out var schema))
            throw new FeedNotAvailableException($"{feed} is not a feed that this version knows");
        if (publisher.HasEnded)
            throw new ConnectionFailedException("the gateway does not publish any more");
        var registration = new PlacedRegistration(leaseEpoch(), () => UnplaceAsync(schema, key), ended);
        _keys[(feed, key)] = registration;
        try
        {
            client.AssignSession(schema, key, session);
            publisher.Place(schema, key, checked((uint)keyEpoch));
            if (await placed.AddAsync(schema, key, registration.End, cancellationToken) is { } refusal)
                throw Refused(refusal);
            await UntilRegisteredAsync(schema, key, registration, cancellationToken);

            // Consumers of this gateway may have had the key before the cluster placed it here.
            await publisher.AddAsync(schema, key, cancellationToken);
            registration.Complete();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await ReleaseAsync(schema, key);
            throw;
        }
    }

    public Task ReleaseAsync(string feed, string key) =>
        client.Catalog.TryFind(feed, out var schema) ? ReleaseAsync(schema, key) : Task.CompletedTask;

    private async Task ReleaseAsync(FeedSchema feed, string key)
    {
        if (_isStopping)
            return;
        if (_keys.TryGetValue((feed.TrId, key), out var registration))
            await registration.StopAsync();
        await publisher.UnplaceAsync(feed, key);
        if (!IsOpen || (registration is not null && registration.LeaseEpoch != leaseEpoch()))
            await placed.DropAsync(feed, key);
        else
            await placed.RemoveAsync(feed, key);
        await UnplaceAsync(feed, key);
    }

    // Other sessions may have the key afterwards, and other gateways may publish it.
    private async Task UnplaceAsync(FeedSchema feed, string key)
    {
        await publisher.UnplaceAsync(feed, key);
        client.AssignSession(feed, key, null);
        _keys.TryRemove((feed.TrId, key), out _);
    }

    // Without a connection the gateway accepts a key at once, and registers it later. Another ingest may have a connection.
    private async Task UntilRegisteredAsync(
        FeedSchema feed, string key, PlacedRegistration registration, CancellationToken cancellationToken)
    {
        var openAt = time.GetTimestamp();
        while (true)
        {
            ThrowIfRegisteredByOther(feed, key);
            if (placed.IsRegistered(feed, key))
                return;
            if (registration.Ended is { } code)
                throw Refused(code);
            if (IsOpen)
                openAt = time.GetTimestamp();
            else if (time.GetElapsedTime(openAt) >= s_connectLimit)
                throw new ConnectionFailedException($"the session {session} has not been connected for {s_connectLimit.TotalSeconds:0} s");
            await Task.Delay(s_checkInterval, time, cancellationToken);
        }
    }

    // Consumers of this gateway had it before, with another app key. Its lease is another one, so that one must take the key.
    private void ThrowIfRegisteredByOther(FeedSchema feed, string key)
    {
        if (client.Registrations.FirstOrDefault(status => status.TrId == feed.TrId && status.Key == key) is { Session: { } holder }
            && holder != session)
        {
            throw new RegistrationLimitException($"{feed.TrId}: the session {holder} of this gateway has the key already");
        }
    }

    private static SubscribeRefusedException Refused(BrokerCode code) =>
        new($"the broker refused the key: {code}") { Code = code, BrokerText = code.Meaning.ToString() };

    /// <summary>A key, whose end is reported once it was registered.</summary>
    /// <param name="leaseEpoch">The epoch of the lease under which it was registered.</param>
    /// <param name="unplace">Called when a key that was registered has ended, before that is reported: afterwards the
    /// key may be placed here again.</param>
    /// <param name="ended">Told about the end.</param>
    private sealed class PlacedRegistration(long leaseEpoch, Func<Task> unplace, Action<PlacedKeyRefusal> ended)
    {
        private readonly Lock _gate = new();
        private bool _isComplete;
        private bool _isStopped;
        private Task _unplacing = Task.CompletedTask;

        public long LeaseEpoch => leaseEpoch;

        public BrokerCode? Ended { get; private set; }

        public void End(BrokerCode code)
        {
            lock (_gate)
            {
                Ended = code;
                if (_isComplete)
                    _unplacing = UnplaceAsync(code, isNeeded: !_isStopped);
            }
        }

        public void Complete()
        {
            lock (_gate)
            {
                if (Ended is { } code)
                    throw Refused(code);
                _isComplete = true;
            }
        }

        /// <summary>From now on the caller removes the key. Completes when nobody else does.</summary>
        public Task StopAsync()
        {
            lock (_gate)
            {
                _isStopped = true;
                return _unplacing;
            }
        }

        private async Task UnplaceAsync(BrokerCode code, bool isNeeded)
        {
            await Task.Yield(); // The caller has locks.
            if (isNeeded)
                await unplace().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended(new PlacedKeyRefusal(code, code.Meaning.ToString()));
        }
    }
}

/// <summary>Publishes the keys that a cluster has placed on a gateway.</summary>
internal interface IPlacedKeyPublisher
{
    /// <summary>Whether nothing is published any more.</summary>
    bool HasEnded { get; }

    /// <summary>The cluster has placed a key on this gateway: it is published when it is added.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="epoch">The epoch with which its frames are published.</param>
    void Place(FeedSchema feed, string key, uint epoch);

    /// <summary>Publishes a key, if it is placed on this gateway.</summary>
    Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken);

    /// <summary>The key is not published any more, even if this gateway still receives it.</summary>
    Task UnplaceAsync(FeedSchema feed, string key);
}
