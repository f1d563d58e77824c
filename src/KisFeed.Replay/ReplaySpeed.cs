using System.Globalization;

namespace KisFeed.Replay;

/// <summary>How many times as fast as it was received a capture is replayed.</summary>
public static class ReplaySpeed
{
    /// <summary>As fast as the slowest client, or whoever reads, takes the frames.</summary>
    public const double Unlimited = double.PositiveInfinity;

    /// <summary>Reads a number above 0, such as <c>1</c>, <c>10</c> or <c>0.5</c>, or <c>max</c>.</summary>
    public static bool TryParse(string? text, out double speed)
    {
        speed = Unlimited;
        return string.Equals(text, "max", StringComparison.OrdinalIgnoreCase)
            || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out speed) && IsPossible(speed) && double.IsFinite(speed));
    }

    // Slower than that a day takes years, and times are too long to be counted.
    internal static bool IsPossible(double speed) => speed >= 0.001;
}
