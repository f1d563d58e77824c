using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Hosting;

/// <summary>Parses values as people write them; returns <see langword="null"/> for invalid ones.</summary>
internal static class ValueText
{
    public static int? Int(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static long? Long(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static double? Double(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>Parses <c>500ms</c>, <c>10s</c>, <c>1.5m</c>, <c>1h</c> or <c>00:02:00</c>.</summary>
    public static TimeSpan? Time(string text)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
            return DurationText.Parse(text);
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    public static Uri? Address(string text, string scheme) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address.Host.Length > 0
        && (address.Scheme == scheme || address.Scheme == scheme + "s")
            ? address
            : null;

    /// <summary>Parses an environment. The command calls production <c>prod</c>; both names are accepted everywhere.</summary>
    public static KisEnvironment? Environment(string text) =>
        text.Equals("prod", StringComparison.OrdinalIgnoreCase) ? KisEnvironment.Production
        : Name<KisEnvironment>(text) is { } environment and not KisEnvironment.Simulator ? environment
        : null;

    /// <summary>Parses the name of an enum value, ignoring case; numbers are not accepted.</summary>
    public static TEnum? Name<TEnum>(string text)
        where TEnum : struct, Enum =>
        Enum.GetNames<TEnum>().Contains(text, StringComparer.OrdinalIgnoreCase)
        && Enum.TryParse<TEnum>(text, ignoreCase: true, out var value)
            ? value
            : null;
}
