using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>What one consumer has of the gateway just now, held to its limits; what was refused is counted. May be used from any thread.</summary>
internal sealed class ConsumerUsage(ConsumerLimits limits, TimeProvider time)
{
    private volatile ConsumerLimits _limits = limits;
    private volatile TokenBucket _requests = new(limits.RequestsPerSecond, limits.RequestBurst, time);
    private readonly long[] _refused = new long[Enum.GetValues<ConsumerLimit>().Length];
    private int _connections;
    private int _registrations;

    /// <summary>What it is held to. Less than before ends nothing that it has.</summary>
    public ConsumerLimits Limits
    {
        get => _limits;
        set
        {
            var before = _limits;
            _limits = value;
            if (value.RequestsPerSecond != before.RequestsPerSecond || value.RequestBurst != before.RequestBurst)
                _requests = new TokenBucket(value.RequestsPerSecond, value.RequestBurst, time);
        }
    }

    /// <summary>Called when a limit is met.</summary>
    public Action<ConsumerLimit>? Refused { get; init; }

    /// <summary>Connections that are open.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Registrations over all of them.</summary>
    public int Registrations => Volatile.Read(ref _registrations);

    /// <summary>How often a limit was met.</summary>
    public long RefusedBy(ConsumerLimit limit) => Volatile.Read(ref _refused[(int)limit]);

    /// <summary>Takes the place of a connection; <see cref="Disconnect"/> gives it back.</summary>
    public bool TryConnect() => TryTake(ref _connections, _limits.MaxConnections) || Refuse(ConsumerLimit.Connections);

    /// <summary>Gives the place of a connection back.</summary>
    public void Disconnect() => GiveBack(ref _connections, 1);

    /// <summary>Takes the place of a registration; <see cref="Release"/> gives it back.</summary>
    public bool TryRegister() => TryTake(ref _registrations, _limits.MaxRegistrations) || Refuse(ConsumerLimit.Registrations);

    /// <summary>Gives the places of registrations back.</summary>
    public void Release(int registrations = 1) => GiveBack(ref _registrations, registrations);

    /// <summary>Whether another request may be made now.</summary>
    public bool TryRequest() => _requests.TryTake() || Refuse(ConsumerLimit.Requests);

    /// <summary>Whether a message of this length may be read.</summary>
    public bool TryRead(long bytes) => bytes <= _limits.MaxMessageBytes || Refuse(ConsumerLimit.MessageBytes);

    /// <summary>Counts a refusal by a limit.</summary>
    /// <returns><see langword="false"/>.</returns>
    public bool Refuse(ConsumerLimit limit)
    {
        Interlocked.Increment(ref _refused[(int)limit]);
        Refused?.Invoke(limit);
        return false;
    }

    private static bool TryTake(ref int taken, int most)
    {
        var seen = Volatile.Read(ref taken);
        while (seen < most)
        {
            var before = Interlocked.CompareExchange(ref taken, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    private static void GiveBack(ref int taken, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (Interlocked.Add(ref taken, -count) >= 0)
            return;
        Interlocked.Add(ref taken, count);
        throw new InvalidOperationException("more places were given back than taken");
    }
}
