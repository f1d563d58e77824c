using System.Net;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>
/// Counts wrong credentials by the address they come from. Nobody could guess right ones at any rate, and to look at them costs less than the request they came in: so they are always looked at, and those who share an
/// address with a program that is set up wrongly, or with an attacker, do not notice. Who is wrong too often is told to wait. For any thread; bounded however many addresses there are.
/// </summary>
internal sealed class AuthenticationThrottle
{
    /// <summary>Failures that one address has at once, after a rest.</summary>
    public const int Burst = 20;

    /// <summary>Addresses that are told apart; those beyond count as one.</summary>
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
    /// Counts wrong credentials. Where there are too many in all, that goes for all addresses that had some before.
    /// </summary>
    /// <param name="from">The address; <see langword="null"/> where it is not known.</param>
    /// <returns>Whether they are among the few that anybody may have; who has more is to wait.</returns>
    public bool TryFail(IPAddress? from)
    {
        lock (_gate)
        {
            var network = RemoteNetwork.Of(from);
            var isFirst = !_buckets.ContainsKey(network);
            var isWithinAll = _overall.TryTake();
            return BucketOf(network).TryTake() && (isWithinAll || isFirst);
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
