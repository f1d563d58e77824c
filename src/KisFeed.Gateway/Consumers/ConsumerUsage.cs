using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Consumers;

/// <summary>What one consumer uses of the gateway now. Enforces its limits and counts refusals. Thread-safe.</summary>
internal sealed class ConsumerUsage(ConsumerLimits limits, TimeProvider time)
{
    private volatile ConsumerLimits _limits = limits;
    private volatile TokenBucket _requests = new(limits.RequestsPerSecond, limits.RequestBurst, time);
    private readonly long[] _refused = new long[Enum.GetValues<ConsumerLimit>().Length];
    private int _connections;
    private int _registrations;

    /// <summary>The current limits. Lowering a limit does not end anything that is in use.</summary>
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

    /// <summary>Called when a limit is reached.</summary>
    public Action<ConsumerLimit>? Refused { get; init; }

    /// <summary>Open connections.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Registrations over all of them.</summary>
    public int Registrations => Volatile.Read(ref _registrations);

    /// <summary>How often a limit was reached.</summary>
    public long RefusedBy(ConsumerLimit limit) => Volatile.Read(ref _refused[(int)limit]);

    /// <summary>Counts a new connection, until <see cref="Disconnect"/>.</summary>
    public bool TryConnect() => TryIncrement(ref _connections, _limits.MaxConnections) || Refuse(ConsumerLimit.Connections);

    /// <summary>Uncounts a connection.</summary>
    public void Disconnect() => Decrement(ref _connections, 1);

    /// <summary>Counts a new registration, until <see cref="Release"/>.</summary>
    public bool TryRegister() => TryIncrement(ref _registrations, _limits.MaxRegistrations) || Refuse(ConsumerLimit.Registrations);

    /// <summary>Uncounts registrations.</summary>
    public void Release(int registrations = 1) => Decrement(ref _registrations, registrations);

    /// <summary>Whether another request may be made now.</summary>
    public bool TryRequest() => _requests.TryAcquire() || Refuse(ConsumerLimit.Requests);

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

    private static bool TryIncrement(ref int count, int max)
    {
        var seen = Volatile.Read(ref count);
        while (seen < max)
        {
            var before = Interlocked.CompareExchange(ref count, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    private static void Decrement(ref int used, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (Interlocked.Add(ref used, -count) >= 0)
            return;
        Interlocked.Add(ref used, count);
        throw new InvalidOperationException("more places were released than acquired");
    }
}
