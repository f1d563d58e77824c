using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>A position in recorded data from which a subscription begins.</summary>
/// <example>
/// <code>
/// var sinceNine = new SubscribeOptions { From = HistoryStart.At(new TimeOnly(9, 0)) };
/// </code>
/// </example>
public sealed record HistoryStart
{
    private readonly string _text;

    private HistoryStart(string text) => _text = text;

    /// <summary>The forms that <see cref="TryParse"/> reads, for messages.</summary>
    internal static string Forms => "a time of today in Korea (09:00), a date (2026-11-20), a date and time (2026-11-20T09:00), a duration "
        + "before now (-15m), or the id of an item";

    internal TimeOnly? TimeOfDay { get; private init; }

    internal DateTimeOffset? Instant { get; private init; }

    internal TimeSpan? Before { get; private init; }

    /// <summary>Begins with the first record received at an instant or later.</summary>
    public static HistoryStart At(DateTimeOffset instant) => new(KoreaTimeText.Format(instant)) { Instant = instant };

    /// <summary>Begins with the first record received at a time of today in Korea or later; today is that of the gateway's clock.</summary>
    public static HistoryStart At(TimeOnly timeOfDay) =>
        new(timeOfDay.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)) { TimeOfDay = timeOfDay };

    /// <summary>Begins with the first record received within a duration before now; now is that of the gateway's clock.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static HistoryStart Ago(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return new HistoryStart($"-{DurationText.Format(duration)}") { Before = duration };
    }

    /// <summary>Begins after an item of a gateway's stream or page.</summary>
    /// <param name="id">The id of the item, e.g. <c>98e490ff7dda-3-8de2a90f1c3b2a8.1</c>.</param>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public static HistoryStart After(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return IsId(id) ? new HistoryStart(id) : throw new ArgumentException("this is not the id of an item", nameof(id));
    }

    /// <summary>
    /// Parses <c>09:00</c> (a time of today in Korea), <c>2026-11-20</c>, <c>2026-11-20T09:00</c> (an instant, in Korea time unless it has
    /// an offset), <c>-15m</c> (a duration before now), or the id of an item.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out HistoryStart? start)
    {
        start = null;
        if (KoreaTimeText.TryParseTimeOfDay(text, out var timeOfDay))
            start = At(timeOfDay);
        else if (KoreaTimeText.TryParseInstant(text, out var instant))
            start = At(instant);
        else if (text is ['-', ..] && DurationText.Parse(text.AsSpan(1)) is { } duration)
            start = Ago(duration);
        else if (text is not null && IsId(text))
            start = new HistoryStart(text);
        return start is not null;
    }

    /// <summary>The form that <see cref="TryParse"/> and the gateway read.</summary>
    public override string ToString() => _text;

    // EPOCH-NUMBER-TICKS.RECORD
    private static bool IsId(string text) => text.Split('-') is [{ Length: > 0 } epoch, { Length: > 0 } number, var position]
        && epoch.All(char.IsAsciiHexDigit) && number.All(char.IsAsciiDigit)
        && position.Split('.') is [{ Length: > 0 } ticks, { Length: > 0 } record]
        && ticks.All(char.IsAsciiHexDigit)
        && record.All(char.IsAsciiDigit);
}
