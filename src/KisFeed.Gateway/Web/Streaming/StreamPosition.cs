using System.Globalization;

namespace KisFeed.Gateway;

/// <summary>
/// The ids of items, <c>EPOCH-NUMBER</c>: the epoch tells one run of the gateway from all others, numbers grow from item to item over all feeds.
/// </summary>
internal static class StreamPosition
{
    /// <summary>An id.</summary>
    public static string Format(string epoch, long number) => string.Create(CultureInfo.InvariantCulture, $"{epoch}-{number}");

    /// <summary>The number of an id; 0 where it is of another run, or none at all.</summary>
    public static long NumberOf(string epoch, string id) =>
        id.Length > epoch.Length && id[epoch.Length] == '-' && id.StartsWith(epoch, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(epoch.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}
