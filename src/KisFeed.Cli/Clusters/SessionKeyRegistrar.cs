using System.Collections.Concurrent;
using KisFeed.Coordination;
using KisFeed.Gateway;
using KisFeed.Wire;

namespace KisFeed.Cli.Clusters;

/// <summary>Registers the keys that a cluster places on the session of one app key with a gateway, and publishes them.</summary>
/// <param name="client">The client that has the session.</param>
/// <param name="session">The name of the session.</param>
/// <param name="placed">The keys of the gateway.</param>
/// <param name="publisher">Publishes the keys.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionKeyRegistrar(KisFeedClient client, string session, IPlacedKeys placed, ClusterPublisher publisher, TimeProvider time) : IKeyRegistrar
{
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<(string Feed, string Key), PlacedRegistration> _keys = [];

    public int Places
    {
        get
        {
            if (client.Sessions.FirstOrDefault(status => status.Name == session) is not { Phase: not SessionPhase.Halted } status)
                return 0;
            var others = client.Registrations.Count(registration => registration.Session == session && !_keys.ContainsKey((registration.TrId, registration.Key)));
            return Math.Max(0, status.Places - others);
        }
    }

    public async Task RegisterAsync(string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken)
    {
        if (!client.Catalog.TryFind(feed, out var schema))
            throw new FeedNotAvailableException($"{feed} is no feed that this version knows");
        var registration = new PlacedRegistration(ended);
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
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await ReleaseAsync(schema, key);
            throw;
        }
    }

    public Task ReleaseAsync(string feed, string key, long keyEpoch) => client.Catalog.TryFind(feed, out var schema) ? ReleaseAsync(schema, key) : Task.CompletedTask;

    private async Task ReleaseAsync(FeedSchema feed, string key)
    {
        await publisher.UnplaceAsync(feed, key);
        await placed.RemoveAsync(feed, key);
        client.AssignSession(feed, key, null);
        _keys.TryRemove((feed.TrId, key), out _);
    }

    // Without a connection the gateway accepts a key at once, and registers it later.
    private async Task UntilRegisteredAsync(FeedSchema feed, string key, PlacedRegistration registration, CancellationToken cancellationToken)
    {
        while (!placed.IsRegistered(feed, key))
        {
            if (registration.Ended is { } code)
                throw Refused(code);
            await Task.Delay(s_checkInterval, time, cancellationToken);
        }

        // Consumers of this gateway had it before, with another app key. Its lease is another one, so that one must take the key.
        if (client.Registrations.FirstOrDefault(status => status.TrId == feed.TrId && status.Key == key) is { Session: { } holder } && holder != session)
            throw new RegistrationLimitException($"{feed.TrId}: the session {holder} of this gateway has the key already");
    }

    private static SubscribeRefusedException Refused(BrokerCode code) => new($"the broker refused the key: {code}") { Code = code, BrokerText = code.Meaning.ToString() };

    /// <summary>A key, whose end is reported once it was registered.</summary>
    private sealed class PlacedRegistration(Action<PlacedKeyRefusal> ended)
    {
        private readonly Lock _gate = new();
        private bool _isComplete;

        public BrokerCode? Ended { get; private set; }

        public void End(BrokerCode code)
        {
            lock (_gate)
            {
                Ended = code;
                if (!_isComplete)
                    return;
            }

            ended(new PlacedKeyRefusal(code, code.Meaning.ToString()));
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
    }
}
