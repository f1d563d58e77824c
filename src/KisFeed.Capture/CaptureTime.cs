using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>A bound of the time range read from a capture: a time of day in Korea, for every day, or an instant.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CaptureTime
{
    private CaptureTime(TimeOnly? timeOfDay, DateTimeOffset? instant)
    {
        TimeOfDay = timeOfDay;
        Instant = instant;
    }

    /// <summary>The time of day in Korea, if it is one.</summary>
    public TimeOnly? TimeOfDay { get; }

    /// <summary>The instant, if it is one.</summary>
    public DateTimeOffset? Instant { get; }

    /// <summary>Creates a bound for every day from a time of day in Korea.</summary>
    public static CaptureTime At(TimeOnly timeOfDay) => new(timeOfDay, null);

    /// <summary>Creates a bound from an instant.</summary>
    public static CaptureTime At(DateTimeOffset instant) => new(null, instant);

    /// <summary>
    /// Parses <c>09:00</c>, <c>09:00:30.5</c> (a time of day), <c>2026-11-20</c>, <c>2026-11-20T09:00</c> (an instant, in Korea time) or
    /// <c>2026-11-20T00:00:00Z</c> (an instant, with its offset).
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CaptureTime time)
    {
        if (KoreaTimeText.TryParseTimeOfDay(text, out var timeOfDay))
        {
            time = At(timeOfDay);
            return true;
        }

        if (KoreaTimeText.TryParseInstant(text, out var instant))
        {
            time = At(instant);
            return true;
        }

        time = default;
        return false;
    }

    /// <summary>
    /// Whether two bounds contradict each other: both are times of day, or both instants, and the first is not before the second.
    /// </summary>
    public static bool Contradict(CaptureTime? from, CaptureTime? to) =>
        from?.TimeOfDay >= to?.TimeOfDay || from?.Instant >= to?.Instant;

    internal bool IsAfter(DateTimeOffset receivedAt) =>
        Instant is { } instant ? receivedAt < instant : TimeOnly.FromTimeSpan(KoreaTime.From(receivedAt).TimeOfDay) < TimeOfDay;

    /// <inheritdoc/>
    public override string ToString() =>
        TimeOfDay?.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
        ?? (Instant is { } instant ? KoreaTime.From(instant).ToString("O", CultureInfo.InvariantCulture) : "");
}
