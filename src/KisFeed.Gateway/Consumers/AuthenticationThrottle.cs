using System.Net;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// Counts wrong credentials by client address. Credentials cannot be guessed at any rate, and checking them costs less than receiving the
/// request. So they are always checked, and clients that share an address with a misconfigured program or an attacker are not affected. A
/// client with too many failures is told to wait. Memory is bounded whatever the number of addresses. Thread-safe.
/// </summary>
internal sealed class AuthenticationThrottle
{
    /// <summary>Failures that one address may have in one burst.</summary>
    public const int Burst = 20;

    /// <summary>Addresses that are counted separately. All others are counted together.</summary>
    public const int MaxAddresses = 10_000;

    private const double PerSecond = 1;
    private const int OverallBurst = 1_000;
    private const double OverallPerSecond = 50;

    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, TokenBucket> _buckets = [];
    private readonly TimeProvider _time;
    private readonly TokenBucket _beyond;
    private readonly TokenBucket _overall;
    private long _sweptAt;

    public AuthenticationThrottle(TimeProvider time)
    {
        _time = time;
        _beyond = new TokenBucket(PerSecond, Burst, time);
        _overall = new TokenBucket(OverallPerSecond, OverallBurst, time);
        _sweptAt = time.GetTimestamp();
    }

    /// <summary>
    /// Counts one failure. When there are too many failures in total, every address that has failed before is over its limit.
    /// </summary>
    /// <param name="from">The address; <see langword="null"/> if unknown.</param>
    /// <returns><see langword="false"/> if the address has too many failures and the client must wait.</returns>
    public bool TryRecordFailure(IPAddress? from)
    {
        lock (_gate)
        {
            var network = RemoteNetwork.Of(from);
            var isFirst = !_buckets.ContainsKey(network);
            var isWithinAll = _overall.TryAcquire();
            return BucketOf(network).TryAcquire() && (isWithinAll || isFirst);
        }
    }

    private TokenBucket BucketOf(IPAddress network)
    {
        if (_buckets.TryGetValue(network, out var bucket))
            return bucket;
        if (_buckets.Count >= MaxAddresses && !TrySweep())
            return _beyond;
        _buckets.Add(network, bucket = new TokenBucket(PerSecond, Burst, _time));
        return bucket;
    }

    private bool TrySweep()
    {
        var now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_sweptAt, now) < s_sweepInterval)
            return false;
        _sweptAt = now;
        foreach (var (network, bucket) in _buckets)
        {
            if (bucket.IsFull)
                _buckets.Remove(network);
        }

        return _buckets.Count < MaxAddresses;
    }
}
