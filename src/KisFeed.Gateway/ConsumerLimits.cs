using System.Text.Json.Serialization;
using KisFeed.Server.Http;

namespace KisFeed.Gateway;

/// <summary>The limits of one consumer of a gateway.</summary>
public sealed record ConsumerLimits
{
    /// <summary>The default limits.</summary>
    public static ConsumerLimits Default { get; } = new();

    /// <summary>
    /// Upstream registrations at once: the keys that are registered because of this consumer, including those it has just released. Default
    /// <see langword="null"/>: all, and while other consumers are connected at most half of those that
    /// <see cref="GatewayOptions.Keep"/> does not use.
    /// </summary>
    [JsonPropertyName("slots")]
    public int? MaxSlots { get; init; }

    /// <summary>Connections at once, of either protocol. Default: 32.</summary>
    [JsonPropertyName("connections")]
    public int MaxConnections { get; init; } = 32;

    /// <summary>Registrations at once, over all connections. Default: 400.</summary>
    [JsonPropertyName("registrations")]
    public int MaxRegistrations { get; init; } = 400;

    /// <summary>
    /// Sustained requests per second, including WebSocket messages; each WebSocket may send as many control
    /// frames and fragments. Default: 50.
    /// </summary>
    public double RequestsPerSecond { get; init; } = 50;

    /// <summary>
    /// New keys that may be registered upstream for it within any minute. Keys that are already registered upstream do not count. The
    /// broker blocks app keys that register and release in a loop. Default: 100.
    /// </summary>
    public int NewRegistrationsPerMinute { get; init; } = 100;

    /// <summary>The same within any hour. Default: 600.</summary>
    public int NewRegistrationsPerHour { get; init; } = 600;

    /// <summary>Requests in one burst. A client that registers all its keys at once is not a flood. Default: 200.</summary>
    [JsonIgnore]
    public int RequestBurst { get; init; } = 200;

    /// <summary>The maximum length of a message or body, in bytes. A registration has about 300 bytes. Default: 16 KiB.</summary>
    [JsonIgnore]
    public int MaxMessageBytes { get; init; } = 16 * 1024;

    /// <summary>The limits for control frames and fragments of one WebSocket.</summary>
    internal FrameLimits Frames => new() { PerSecond = RequestsPerSecond, Burst = RequestBurst };

    /// <summary>Validates the limits.</summary>
    /// <exception cref="KisFeedConfigurationException">A limit is out of range.</exception>
    internal void Validate()
    {
        Require(MaxConnections >= 1, nameof(MaxConnections), "1 or more");
        Require(MaxRegistrations >= 1, nameof(MaxRegistrations), "1 or more");
        Require(MaxSlots is null or >= 1, nameof(MaxSlots), "1 or more");
        Require(NewRegistrationsPerMinute >= 1, nameof(NewRegistrationsPerMinute), "1 or more");
        Require(
            NewRegistrationsPerHour >= NewRegistrationsPerMinute,
            nameof(NewRegistrationsPerHour),
            $"{nameof(NewRegistrationsPerMinute)} or more");
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
    Slots,

    /// <summary>New upstream registrations per minute and hour.</summary>
    NewRegistrations,

    /// <summary>Requests per second.</summary>
    Requests,

    /// <summary>The length of a message.</summary>
    MessageBytes,
}
