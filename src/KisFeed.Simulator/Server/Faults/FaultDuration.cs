using System.Globalization;

namespace KisFeed.Simulator.Server;

/// <summary>Lengths of time as faults have them: a number and a unit.</summary>
internal static class FaultDuration
{
    // "ms" before the units that it ends with.
    private static readonly (string Unit, TimeSpan Length)[] s_units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    // What timers take.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, length) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)
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

    public static string Format(TimeSpan duration) => duration.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / TimeSpan.TicksPerSecond}s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.####}ms");
}
