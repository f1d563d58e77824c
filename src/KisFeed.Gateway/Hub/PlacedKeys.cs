using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Keys that a cluster has placed with this gateway. They need no consumer, and are released as soon as the cluster says so.
/// </summary>
internal sealed class PlacedKeys(FeedHub hub, TimeProvider time) : IPlacedKeys
{
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<HubKey, Claim> _claims = [];

    public async Task<BrokerCode?> AddAsync(
        FeedSchema feed, string key, Action<BrokerCode> onEnded, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(onEnded);
        cancellationToken.ThrowIfCancellationRequested();
        var hubKey = new HubKey(feed.TrId, key);
        var claim = new Claim(hubKey, consumer: null, code => End(hubKey, code, onEnded)) { EndsWithoutGrace = true };
        lock (_gate)
        {
            if (!_claims.TryAdd(hubKey, claim))
                throw new InvalidOperationException($"{feed.TrId}: the key is placed with this gateway already");
        }

        var acquiring = hub.AcquireAsync(feed, claim);
        using var cancelled = cancellationToken.Register(() => Release(hubKey, claim));
        await acquiring.ConfigureAwait(false);
        if (claim.Refusal is not null)
            Forget(hubKey, claim);
        cancellationToken.ThrowIfCancellationRequested();
        return claim.Refusal;
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
        Claim? claim;
        lock (_gate)
            claim = _claims.GetValueOrDefault(hubKey);
        if (claim is not null)
            Release(hubKey, claim);
        if (isLost)
            hub.Drop(hubKey);
        while (hub.IsReleasing(hubKey))
            await Task.Delay(s_checkInterval, time, cancellationToken).ConfigureAwait(false);
    }

    private void Release(HubKey key, Claim claim)
    {
        Forget(key, claim);
        hub.Release(claim);
    }

    private void End(HubKey key, BrokerCode code, Action<BrokerCode> onEnded)
    {
        lock (_gate)
            _claims.Remove(key);
        onEnded(code);
    }

    private void Forget(HubKey key, Claim claim)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue(key, out var present) && present == claim)
                _claims.Remove(key);
        }
    }
}
