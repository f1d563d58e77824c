using System.Globalization;

namespace KisFeed.Wire;

/// <summary>Durations as users write them: a number and a unit, e.g. <c>500ms</c>, <c>10s</c>, <c>1.5m</c> or <c>1h</c>.</summary>
internal static class DurationText
{
    // "ms" must come before "s".
    private static readonly (string Unit, TimeSpan Length)[] s_units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    // The limit of timers, rounded down.
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(40);

    /// <summary>Parses a duration of zero or more. A plain number is not accepted, because .NET reads <c>120</c> as days.</summary>
    /// <returns><see langword="null"/> if the text is not a valid duration.</returns>
    public static TimeSpan? Parse(ReadOnlySpan<char> text)
    {
        foreach (var (unit, length) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return number * length.TotalSeconds <= TimeSpan.MaxValue.TotalSeconds / 2 ? number * length : null;
            }
        }

        return null;
    }

    /// <summary>Parses a duration that a timer can have: above zero, and at most 40 days.</summary>
    public static bool TryParseTimer(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = Parse(text) ?? TimeSpan.Zero;
        if (duration <= s_longestTimer)
            return duration > TimeSpan.Zero;
        duration = TimeSpan.Zero;
        return false;
    }

    /// <summary>What is wrong with a text that is not a valid duration, without a full stop at the end.</summary>
    public static string ProblemOf(string text) => $"'{text}' is not a valid duration. Use a number and a unit, e.g. 500ms or 10s";

    /// <summary>A duration in the form that <see cref="Parse"/> reads: whole seconds, or milliseconds.</summary>
    public static string Format(TimeSpan duration) => duration.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / TimeSpan.TicksPerSecond}s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.####}ms");
}
