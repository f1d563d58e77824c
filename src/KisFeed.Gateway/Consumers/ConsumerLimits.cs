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
