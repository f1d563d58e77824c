namespace KisFeed.Gateway.Hub;

/// <summary>The options of <see cref="UpstreamRegistrations"/>.</summary>
internal sealed record UpstreamRegistrationOptions
{
    private static readonly TimeSpan s_refusalMemory = TimeSpan.FromMinutes(5);

    public required int Slots { get; init; }

    /// <summary>How many of the slots are used by kept keys. Default 0.</summary>
    public int KeptKeys { get; init; }

    public TimeSpan ReleaseGrace { get; init; }

    /// <summary>The grace period of keys whose page was closed.</summary>
    public TimeSpan PageGrace { get; init; }

    /// <summary>
    /// The minimum time that a key stays registered, even if its slot is needed: the broker blocks app keys that
    /// register and release without receiving.
    /// </summary>
    public TimeSpan MinimumHold { get; init; }

    /// <summary>How long a key that upstream has refused permanently is not requested again.</summary>
    public TimeSpan RefusalMemory { get; init; }

    /// <summary>How many slots one consumer may hold while others are connected.</summary>
    public int FairShare => Math.Max(1, (Slots - KeptKeys + 1) / 2);

    public static UpstreamRegistrationOptions Of(GatewayOptions options) => new()
    {
        Slots = options.Upstream.MaxRegistrations,
        KeptKeys = options.Keep.Count,
        ReleaseGrace = options.ReleaseGrace,
        PageGrace = HasOwnSlots(options) && options.PageGrace > options.ReleaseGrace ? options.PageGrace : options.ReleaseGrace,
        MinimumHold = options.MinimumHold,
        RefusalMemory = s_refusalMemory,
    };

    // A key that an edge keeps is wanted in its cluster, where it would take the slot of a key that a consumer of another edge wants.
    private static bool HasOwnSlots(GatewayOptions options) => options.Upstream.Service is not null;
}
