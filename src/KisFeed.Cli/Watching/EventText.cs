using System.Globalization;
using KisFeed.Cli.Options;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Tells people of gaps and of what cannot be read.</summary>
internal static class EventText
{
    public static string Of(WatchTarget target, Gap gap)
    {
        var frames = gap.Frames is { } count ? $"{count.ToString("N0", CultureInfo.InvariantCulture)} frames are" : "data may be";
        var reason = gap.Reason switch
        {
            GapReason.QueueOverflow => "they came faster than they were read",
            GapReason.Renewed => "the registration was released and made anew",
            _ => gap.Reason.ToString(),
        };
        return $"{target.Feed.TrId} {target.Key}: {frames} missing: {reason}";
    }

    public static string Of(WatchTarget target, in FrameError error) => $"{target.Feed.TrId} {target.Key}: not readable: {error}";
}
