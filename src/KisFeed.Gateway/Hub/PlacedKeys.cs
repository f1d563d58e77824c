using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Keys that a cluster has placed with this gateway. They need no consumer, and are released as soon as the cluster says so.
/// </summary>
internal sealed class PlacedKeys(FeedHub hub, TimeProvider time) : IPlacedKeys
{
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<HubKey, Lease> _leases = [];

    public async Task<BrokerCode?> AddAsync(
        FeedSchema feed, string key, Action<BrokerCode> onEnded, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(onEnded);
        cancellationToken.ThrowIfCancellationRequested();
        var hubKey = new HubKey(feed.TrId, key);
        var lease = new Lease(hubKey, consumer: null, code => End(hubKey, code, onEnded)) { EndsWithoutGrace = true };
        lock (_gate)
        {
            if (!_leases.TryAdd(hubKey, lease))
                throw new InvalidOperationException($"{feed.TrId}: the key is placed with this gateway already");
        }

        var acquiring = hub.AcquireAsync(feed, lease);
        using var cancelled = cancellationToken.Register(() => Release(hubKey, lease));
        await acquiring.ConfigureAwait(false);
        if (lease.Refusal is not null)
            Forget(hubKey, lease);
        cancellationToken.ThrowIfCancellationRequested();
        return lease.Refusal;
    }

    public Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default) =>
        RemoveAsync(feed, key, isLost: false, cancellationToken);

    public Task DropAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default) =>
        RemoveAsync(feed, key, isLost: true, cancellationToken);

    public bool IsRegistered(FeedSchema feed, string key)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return hub.IsRegistered(new HubKey(feed.TrId, key));
    }

    private async Task RemoveAsync(FeedSchema feed, string key, bool isLost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var hubKey = new HubKey(feed.TrId, key);
        Lease? lease;
        lock (_gate)
            lease = _leases.GetValueOrDefault(hubKey);
        if (lease is not null)
            Release(hubKey, lease);
        if (isLost)
            hub.Drop(hubKey);
        while (hub.IsReleasing(hubKey))
            await Task.Delay(s_checkInterval, time, cancellationToken).ConfigureAwait(false);
    }

    private void Release(HubKey key, Lease lease)
    {
        Forget(key, lease);
        hub.Release(lease);
    }

    private void End(HubKey key, BrokerCode code, Action<BrokerCode> onEnded)
    {
        lock (_gate)
            _leases.Remove(key);
        onEnded(code);
    }

    private void Forget(HubKey key, Lease lease)
    {
        lock (_gate)
        {
            if (_leases.TryGetValue(key, out var present) && present == lease)
                _leases.Remove(key);
        }
    }
}
