using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Consumers;

/// <summary>What one consumer uses of the gateway now. Enforces its limits and counts refusals. Thread-safe.</summary>
internal sealed class ConsumerUsage(ConsumerLimits limits, TimeProvider time)
{
    private volatile ConsumerLimits _limits = limits;
    private volatile TokenBucket _requests = new(limits.RequestsPerSecond, limits.RequestBurst, time);
    private readonly Counter[] _refused = [.. Enum.GetValues<ConsumerLimit>().Select(_ => new Counter())];
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

    public Action<ConsumerLimit>? Refused { get; init; }

    public int Connections => Volatile.Read(ref _connections);

    public int Registrations => Volatile.Read(ref _registrations);

    public long RefusedBy(ConsumerLimit limit) => _refused[(int)limit].Value;

    /// <summary>Counts a new connection, until <see cref="Disconnect"/>.</summary>
    public bool TryConnect() => TryIncrement(ref _connections, _limits.MaxConnections) || Refuse(ConsumerLimit.Connections);

    public void Disconnect() => Decrement(ref _connections, 1);

    /// <summary>Counts a new registration, until <see cref="Release"/>.</summary>
    public bool TryRegister() => TryIncrement(ref _registrations, _limits.MaxRegistrations) || Refuse(ConsumerLimit.Registrations);

    public void Release(int registrations = 1) => Decrement(ref _registrations, registrations);

    public bool TryRequest() => _requests.TryAcquire() || Refuse(ConsumerLimit.Requests);

    public bool TryRead(long bytes) => bytes <= _limits.MaxMessageBytes || Refuse(ConsumerLimit.MessageBytes);

    /// <summary>Counts a refusal by a limit.</summary>
    /// <returns><see langword="false"/>.</returns>
    public bool Refuse(ConsumerLimit limit)
    {
        _refused[(int)limit].Add();
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
        throw new InvalidOperationException("more was released than acquired");
    }
}
