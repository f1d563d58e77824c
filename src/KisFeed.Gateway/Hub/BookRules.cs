namespace KisFeed.Gateway;

/// <summary>What a <see cref="UpstreamRegistrations"/> keeps to.</summary>
internal sealed record BookRules
{
    /// <summary>Keys that upstream can have at once.</summary>
    public required int Places { get; init; }

    /// <summary>Of those, places of keys that the gateway itself keeps. Default 0.</summary>
    public int Kept { get; init; }

    /// <summary>How long a key stays registered upstream when nobody wants it any more.</summary>
    public TimeSpan ReleaseGrace { get; init; }

    /// <summary>How long a key stays registered at least, even if its place is needed: the broker blocks app keys that register and release without receiving.</summary>
    public TimeSpan MinimumHold { get; init; }

    /// <summary>How long a key that upstream has refused for good is not asked for again.</summary>
    public TimeSpan RefusalMemory { get; init; }

    /// <summary>How many places one consumer may hold while others are connected.</summary>
    public int FairShare => Math.Max(1, (Places - Kept + 1) / 2);
}
