namespace KisFeed.Wire;

/// <summary>The time zone of the broker's frames: Korea, nine hours ahead of UTC all year.</summary>
public static class KoreaTime
{
    /// <summary>Korea's offset from UTC.</summary>
    public static TimeSpan Offset { get; } = TimeSpan.FromHours(9);

    /// <summary>Converts an instant to Korea time.</summary>
    public static DateTimeOffset From(DateTimeOffset instant) => instant.ToOffset(Offset);
}
