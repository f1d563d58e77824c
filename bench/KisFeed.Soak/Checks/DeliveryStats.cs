namespace KisFeed.Soak.Checks;

/// <summary>The items delivered to one or several subscriptions.</summary>
internal sealed record DeliveryStats
{
    public long Records { get; init; }

    public long Interruptions { get; init; }

    public long Gaps { get; init; }

    /// <summary>Gaps because the consumer was too slow.</summary>
    public long Overflows { get; init; }

    /// <summary>Gaps without a volume, where the following records explain that.</summary>
    public long UnmeasuredGaps { get; init; }

    public long Malformed { get; init; }

    /// <summary>Volume of the delivered records, of feeds that have it.</summary>
    public long DeliveredVolume { get; init; }

    /// <summary>Volume reported by gaps of the same feeds.</summary>
    public long MissedVolume { get; init; }

    /// <summary>The growth of these feeds' cumulative volume from the first record to the last, without gaps that have no volume.</summary>
    public long Growth { get; init; }

    public static DeliveryStats operator +(DeliveryStats a, DeliveryStats b) => Combine(a, b, 1);

    public static DeliveryStats operator -(DeliveryStats a, DeliveryStats b) => Combine(a, b, -1);

    private static DeliveryStats Combine(DeliveryStats a, DeliveryStats b, int sign) => new()
    {
        Records = a.Records + (sign * b.Records),
        Interruptions = a.Interruptions + (sign * b.Interruptions),
        Gaps = a.Gaps + (sign * b.Gaps),
        Overflows = a.Overflows + (sign * b.Overflows),
        UnmeasuredGaps = a.UnmeasuredGaps + (sign * b.UnmeasuredGaps),
        Malformed = a.Malformed + (sign * b.Malformed),
        DeliveredVolume = a.DeliveredVolume + (sign * b.DeliveredVolume),
        MissedVolume = a.MissedVolume + (sign * b.MissedVolume),
        Growth = a.Growth + (sign * b.Growth),
    };
}
