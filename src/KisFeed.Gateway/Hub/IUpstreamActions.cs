namespace KisFeed.Gateway.Hub;

/// <summary>The actions of <see cref="UpstreamRegistrations"/>. No action may call the state machine before it returns.</summary>
internal interface IUpstreamActions
{
    /// <summary>
    /// Registers a key upstream. Ends with <see cref="UpstreamRegistrations.OnAdded"/>, <see cref="UpstreamRegistrations.OnRefused"/> or
    /// <see cref="UpstreamRegistrations.OnCancelled"/>.
    /// </summary>
    void Add(HubKey key);

    /// <summary>Requests the cancellation of <see cref="Add"/>, which may succeed or not. The outcome is reported as usual.</summary>
    void CancelAdd(HubKey key);

    /// <summary>Removes a key upstream. Ends with <see cref="UpstreamRegistrations.OnRemoved"/>.</summary>
    void Remove(HubKey key);

    /// <summary>Starts a grace period, which ends with <see cref="UpstreamRegistrations.OnGraceEnded"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="period">The number of the period. The end of an earlier period is ignored.</param>
    /// <param name="duration">Its length.</param>
    void BeginGrace(HubKey key, long period, TimeSpan duration);

    /// <summary>Cancels the grace period, because it has ended or the key is wanted again.</summary>
    void EndGrace(HubKey key);

    /// <summary>Calls <see cref="UpstreamRegistrations.OnTimer"/> after a delay. Replaces an earlier timer.</summary>
    void SetTimer(TimeSpan delay);

    /// <summary>Warns that a consumer has few new registrations left.</summary>
    void FewRegistrationsLeft(HubConsumer consumer, int left);
}
