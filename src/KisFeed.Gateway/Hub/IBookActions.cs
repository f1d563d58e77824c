namespace KisFeed.Gateway;

/// <summary>What a <see cref="UpstreamRegistrations"/> has done. None of it may call the book back before it returns.</summary>
internal interface IBookActions
{
    /// <summary>Asks upstream for a key. Ends with <see cref="UpstreamRegistrations.Added"/>, <see cref="UpstreamRegistrations.Refused"/> or <see cref="UpstreamRegistrations.GivenUp"/>.</summary>
    void Add(HubKey key);

    /// <summary>Asks that <see cref="Add"/> be given up, which it may or may not be. Whatever ends it is told as usual.</summary>
    void GiveUp(HubKey key);

    /// <summary>Gives a key back. Ends with <see cref="UpstreamRegistrations.Removed"/>.</summary>
    void Remove(HubKey key);

    /// <summary>Begins a period of grace, which ends with <see cref="UpstreamRegistrations.GraceOver"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="period">Which period it is: what is said of an earlier one changes nothing.</param>
    /// <param name="duration">How long it is.</param>
    void BeginGrace(HubKey key, long period, TimeSpan duration);

    /// <summary>Forgets the period of grace, because it is over or the key is wanted again.</summary>
    void EndGrace(HubKey key);

    /// <summary>Calls <see cref="UpstreamRegistrations.LookAgain"/> after this time; replaces what was set before.</summary>
    void SetTimer(TimeSpan delay);

    /// <summary>Few new registrations are left for a consumer.</summary>
    void FewRegistrationsLeft(HubConsumer consumer, int left);
}
