using System.Net;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>
/// Turns away who has come with wrong credentials too often, by the address it comes from, before its credentials are looked at. Nobody could guess them at any rate: this is about the work, and the noise.
/// So the limits are wide, and those who share an address with a program that is set up wrongly are seldom kept waiting. For any thread; bounded however many addresses there are.
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
    /// Whether credentials from an address are to be looked at. Where there are too many failures in all, those addresses alone are turned away that have had some.
    /// </summary>
    /// <param name="from">The address; <see langword="null"/> where it is not known.</param>
    public bool Admits(IPAddress? from)
    {
        lock (_gate)
        {
            if (_buckets.TryGetValue(RemoteNetwork.Of(from), out var bucket))
                return !bucket.IsEmpty && !_overall.IsEmpty;
            return _buckets.Count < MaxAddresses || !_beyond.IsEmpty;
        }
    }

    /// <summary>Takes note of wrong credentials.</summary>
    public void NoteFailure(IPAddress? from)
    {
        lock (_gate)
        {
            _overall.TryTake();
            BucketOf(RemoteNetwork.Of(from)).TryTake();
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
