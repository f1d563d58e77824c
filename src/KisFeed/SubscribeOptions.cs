namespace KisFeed;

/// <summary>The options of one subscription. Immutable; make changed copies with <c>with</c>.</summary>
public sealed record SubscribeOptions
{
    /// <summary>
    /// Where the subscription begins in recorded data. It needs a gateway that records, or a capture. Default:
    /// <see langword="null"/>, with new data.
    /// </summary>
    public HistoryStart? From { get; init; }

    /// <summary>
    /// How important the registration is when a session has no free slot: higher is more important, and negative is allowed. The priority
    /// of a registration is the highest of its subscriptions. Default: 0.
    /// </summary>
    /// <remarks>
    /// <para>A new registration without a free slot takes that of the registration with the lowest priority, if that is lower than its
    /// own: market data before order notices, and among equals the newest. The subscriptions of that registration receive
    /// <see cref="Evicted"/>. As soon as there is a slot, it is registered again, and they receive <see cref="Restored"/>; before the next
    /// frame they receive a <see cref="Gap"/>. It counts as a new registration (<see cref="KisFeedOptions.NewRegistrationsPerMinute"/>),
    /// and waits for that limit instead of being refused; nothing is evicted for a registration that the limit does not allow at once. If
    /// the server has not yet acknowledged a registration that loses its slot, its subscribers get a
    /// <see cref="RegistrationLimitException"/> instead.</para>
    /// <para>A subscription to a key that is evicted already waits with it, and <see cref="Evicted"/> is its first item, unless its own
    /// priority gives the key a slot.</para>
    /// <para>It has no effect with <see cref="From"/>: such a subscription needs no slot of this client.</para>
    /// </remarks>
    public int Priority { get; init; }
}
