using System.Globalization;

namespace KisFeed.Cli.Options;

/// <summary>Lengths of time as users write them: a number and a unit.</summary>
internal static class Duration
{
    private static readonly (string Unit, TimeSpan Length)[] s_units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <summary>The longest that timers take.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    /// <summary>Reads <c>500ms</c>, <c>10s</c>, <c>1.5m</c> or <c>1h</c>: more than nothing, and no more than 40 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, length) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                || !double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            if (!double.IsFinite(number) || number * length.TotalDays > s_longest.TotalDays)
                return false;
            duration = number * length;
            return duration > TimeSpan.Zero;
        }

        return false;
    }
}
