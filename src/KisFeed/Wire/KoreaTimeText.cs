using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace KisFeed.Wire;

/// <summary>Times as users write them: a time of day in Korea, or an instant.</summary>
internal static class KoreaTimeText
{
    /// <summary>The format of an instant in UTC with all its digits, as captures have it.</summary>
    public const string UtcFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly string[] s_timesOfDay = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"];

    private static readonly string[] s_instants =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF"];

    private static readonly string[] s_instantsWithOffset =
        ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Parses <c>09:00</c> or <c>09:00:30.5</c>.</summary>
    public static bool TryParseTimeOfDay([NotNullWhen(true)] string? text, out TimeOnly timeOfDay) =>
        TimeOnly.TryParseExact(text, s_timesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out timeOfDay);

    /// <summary>
    /// Parses <c>2026-11-20</c> or <c>2026-11-20T09:00</c>, in Korea time, or <c>2026-11-20T00:00:00Z</c>, with its offset.
    /// </summary>
    public static bool TryParseInstant([NotNullWhen(true)] string? text, out DateTimeOffset instant)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (DateTime.TryParseExact(text, s_instants, invariant, DateTimeStyles.None, out var korean))
        {
            var isRepresentable = korean.Ticks >= KoreaTime.Offset.Ticks;
            instant = isRepresentable ? new DateTimeOffset(korean, KoreaTime.Offset) : default;
            return isRepresentable;
        }

        var withOffset = text?.EndsWith('Z') == true ? $"{text[..^1]}+00:00" : text;
        return DateTimeOffset.TryParseExact(withOffset, s_instantsWithOffset, invariant, DateTimeStyles.None, out instant)
            && IsInKorea(instant.UtcTicks);
    }

    /// <summary>
    /// Whether an instant has a date and time in Korea: the last hours that a <see cref="DateTimeOffset"/> can represent have none.
    /// </summary>
    /// <param name="utcTicks">The instant in units of 100 ns.</param>
    public static bool IsInKorea(long utcTicks) => utcTicks >= 0 && utcTicks <= DateTimeOffset.MaxValue.UtcTicks - KoreaTime.Offset.Ticks;

    /// <summary>An instant in UTC, with all its digits, as <see cref="TryParseInstant"/> reads it.</summary>
    public static string Format(DateTimeOffset instant) => instant.UtcDateTime.ToString(UtcFormat, CultureInfo.InvariantCulture);
}
