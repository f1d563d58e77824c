using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>The limits of one consumer of a gateway.</summary>
public sealed record ConsumerLimits
{
    /// <summary>The default limits.</summary>
    public static ConsumerLimits Default { get; } = new();

    /// <summary>Connections at once, of either protocol. Default: 32.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>Registrations at once, over all connections. Default: 400.</summary>
    public int MaxRegistrations { get; init; } = 400;

    /// <summary>
    /// Upstream registrations at once: the keys that are registered because of this consumer, including those it has just released. Default
    /// <see langword="null"/>: all, and while other consumers are connected at most half of those that
    /// <see cref="GatewayOptions.Keep"/> does not use.
    /// </summary>
    public int? MaxPlaces { get; init; }

    /// <summary>
    /// New keys that may be registered upstream for it within any minute. Keys that are already registered upstream do not count. The broker blocks
    /// app keys that register and release in a loop. Default: 100.
    /// </summary>
    public int NewRegistrationsPerMinute { get; init; } = 100;

    /// <summary>The same within any hour. Default: 600.</summary>
    public int NewRegistrationsPerHour { get; init; } = 600;

    /// <summary>
    /// Sustained requests per second, including WebSocket messages; each WebSocket may send as many control frames and fragments. Default: 50.
    /// </summary>
    public double RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests in one burst. A client that registers all its keys at once is not a flood. Default: 200.</summary>
    public int RequestBurst { get; init; } = 200;

    /// <summary>The maximum length of a message or body, in bytes. A registration has about 300 bytes. Default: 16 KiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024;

    /// <summary>The limits for control frames and fragments of one WebSocket.</summary>
    internal FrameLimits Frames => new() { PerSecond = RequestsPerSecond, Burst = RequestBurst };

    /// <summary>Validates the limits.</summary>
    /// <exception cref="KisFeedConfigurationException">A limit is out of range.</exception>
    internal void Validate()
    {
        Require(MaxConnections >= 1, nameof(MaxConnections), "1 or more");
        Require(MaxRegistrations >= 1, nameof(MaxRegistrations), "1 or more");
        Require(MaxPlaces is null or >= 1, nameof(MaxPlaces), "1 or more");
        Require(NewRegistrationsPerMinute >= 1, nameof(NewRegistrationsPerMinute), "1 or more");
        Require(NewRegistrationsPerHour >= NewRegistrationsPerMinute, nameof(NewRegistrationsPerHour), $"{nameof(NewRegistrationsPerMinute)} or more");
        Require(RequestsPerSecond is > 0 and < double.PositiveInfinity, nameof(RequestsPerSecond), "more than 0, and finite");
        Require(RequestBurst >= 1, nameof(RequestBurst), "1 or more");
        Require(MaxMessageBytes >= 1024, nameof(MaxMessageBytes), "1024 or more");
    }

    private static void Require(bool isGood, string name, string expected)
    {
        if (!isGood)
            throw new KisFeedConfigurationException($"{nameof(ConsumerLimits)}.{name} must be {expected}");
    }
}

/// <summary>A limited resource of a consumer.</summary>
internal enum ConsumerLimit
{
    /// <summary>Connections at once.</summary>
    Connections,

    /// <summary>Registrations at once.</summary>
    Registrations,

    /// <summary>Upstream registrations at once.</summary>
    Places,

    /// <summary>New upstream registrations per minute and hour.</summary>
    NewRegistrations,

    /// <summary>Requests per second.</summary>
    Requests,

    /// <summary>The length of a message.</summary>
    MessageBytes,
}

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
        throw new InvalidOperationException("more places were released than taken");
    }
}
