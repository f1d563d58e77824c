namespace KisFeed.Gateway.Hub;

/// <summary>A key that is wanted, in its grace period, or being removed.</summary>
internal sealed class KeyEntry(HubKey key)
{
    public HubKey Key => key;

    public KeyPhase Phase { get; set; }

    public HashSet<Claim> Claims { get; } = [];

    /// <summary>The number of the current grace period; 0 if there is none.</summary>
    public long Grace { get; set; }

    /// <summary>
    /// The consumer whose slot it uses; <see langword="null"/> for the gateway itself. During grace, the last consumer that used it.
    /// </summary>
    public HubConsumer? Holder => HolderClaim.Consumer;

    /// <summary>The claim whose consumer's slot it uses.</summary>
    public required Claim HolderClaim { get; set; }

    public TimeSpan MinimumUntil { get; set; }

    /// <summary>Until when the claims that have ended keep it, if its slot is not needed.</summary>
    public TimeSpan GraceUntil { get; set; }

    public bool IsCancelled { get; set; }

    public bool IsWanted => Claims.Count > 0;

    public bool HasSlot => Phase != KeyPhase.Queued;

    /// <summary>Whether its slot becomes free without further action.</summary>
    public bool IsLeaving => !IsWanted && Phase is (KeyPhase.Abandoned or KeyPhase.Removing);
}

/// <summary>The upstream state of a key. At most one request for a key is pending at any time.</summary>
internal enum KeyPhase
{
    /// <summary>Waits for a slot to become free. Nothing was requested yet.</summary>
    Queued,

    /// <summary>The registration was requested; the reply is pending.</summary>
    Adding,

    /// <summary>The registration was requested, and will be removed as soon as the reply arrives.</summary>
    Abandoned,

    Held,

    /// <summary>The removal was requested; the reply is pending.</summary>
    Removing,
}
