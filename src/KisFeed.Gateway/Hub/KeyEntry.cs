namespace KisFeed.Gateway;

/// <summary>A key that somebody wants, or wanted until a moment ago.</summary>
internal sealed class KeyEntry(HubKey key)
{
    public HubKey Key => key;

    public KeyPhase Phase { get; set; }

    /// <summary>The consumers that wait for it or have it.</summary>
    public HashSet<Lease> Leases { get; } = [];

    /// <summary>Which period of grace runs; 0 where none does.</summary>
    public long Grace { get; set; }

    /// <summary>Who has it because of whom: the consumer whose place it takes; <see langword="null"/> for the gateway itself. In grace, the last that wanted it.</summary>
    public HubConsumer? Holder => Paying.Consumer;

    /// <summary>The lease whose consumer's place it takes.</summary>
    public required Lease Paying { get; set; }

    /// <summary>Until when it stays registered at least.</summary>
    public TimeSpan FirmUntil { get; set; }

    /// <summary>Whether the open request has been asked to give up.</summary>
    public bool IsCancelled { get; set; }

    public bool IsWanted => Leases.Count > 0;

    /// <summary>Whether it takes one of upstream's places.</summary>
    public bool HasPlace => Phase != KeyPhase.Queued;

    /// <summary>Whether its place becomes free without anything more being done.</summary>
    public bool IsLeaving => !IsWanted && Phase is (KeyPhase.Dropping or KeyPhase.Removing);
}
