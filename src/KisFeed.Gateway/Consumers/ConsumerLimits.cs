using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>How much one consumer may use of a gateway.</summary>
public sealed record ConsumerLimits
{
    /// <summary>The limits where nothing else is said.</summary>
    public static ConsumerLimits Default { get; } = new();

    /// <summary>Connections at once, of either protocol. Default: 32.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>Registrations at once, over all connections. Default: 400.</summary>
    public int MaxRegistrations { get; init; } = 400;

    /// <summary>
    /// Places upstream at once: the keys that are registered because of this consumer, or were until a moment ago. Default <see langword="null"/>: all, and while other consumers are connected at most half of those that
    /// <see cref="GatewayOptions.Keep"/> leaves.
    /// </summary>
    public int? MaxPlaces { get; init; }

    /// <summary>New keys that may be registered upstream for it within any minute; keys that upstream has already cost nothing. The broker blocks app keys that register and release in a loop. Default: 100.</summary>
    public int NewRegistrationsPerMinute { get; init; } = 100;

    /// <summary>The same within any hour. Default: 600.</summary>
    public int NewRegistrationsPerHour { get; init; } = 600;

    /// <summary>Requests a second in the long run, messages on a WebSocket included; as many control frames and fragments on each WebSocket. Default: 50.</summary>
    public double RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests at once after a rest; a client that registers all its keys in one go is no flood. Default: 200.</summary>
    public int RequestBurst { get; init; } = 200;

    /// <summary>The longest message or body that is read, in bytes. Default: 16 KiB; a registration has some 300 bytes.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024;

    /// <summary>What one WebSocket may send beside whole messages.</summary>
    internal FrameLimits Frames => new() { PerSecond = RequestsPerSecond, Burst = RequestBurst };

    /// <summary>Checks that the limits can be kept.</summary>
    /// <exception cref="KisFeedConfigurationException">One of them lets nothing through.</exception>
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
            throw new KisFeedConfigurationException($"{nameof(ConsumerLimits)}.{name} has to be {expected}");
    }
}

/// <summary>What a consumer may have only so much of.</summary>
internal enum ConsumerLimit
{
    /// <summary>Connections at once.</summary>
    Connections,

    /// <summary>Registrations at once.</summary>
    Registrations,

    /// <summary>Places upstream at once.</summary>
    Places,

    /// <summary>New registrations upstream in a time.</summary>
    NewRegistrations,

    /// <summary>Requests in a time.</summary>
    Requests,

    /// <summary>The length of a message.</summary>
    MessageBytes,
}

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
