namespace KisFeed.Cli.Watching;

/// <summary>Describes gaps and unreadable frames for people.</summary>
internal static class EventText
{
    /// <summary>Describes an event; <see langword="null"/> for one that only programs need.</summary>
    public static string? Of(WatchTarget target, FeedEvent happened) => happened switch
    {
        Gap gap => Of(target, gap),
        LiveBegins live => $"{target.Feed.TrId} {target.Key}: recorded until {Time(live.At)}, live from here on",
        MalformedFrame malformed => $"{target.Feed.TrId} {target.Key}: unreadable: {malformed.Error}",
        _ => null,
    };

    private static string Of(WatchTarget target, Gap gap)
    {
        var text = $"{target.Feed.TrId} {target.Key}: {What(gap)} missing{When(gap)}: {Why(gap.Reason)}";
        return gap.MissedVolume is { } volume ? $"{text}; {HowMuch(target.Feed, volume)}" : text;
    }

    private static string What(Gap gap) => gap switch
    {
        { Frames: null } => "data may be",
        { Frames: { } frames, Reason: GapReason.QueueOverflow } => $"{Number(frames)} frames are",
        { Frames: { } frames } => $"{Number(frames)} frames and perhaps more are",
    };

    private static string When(Gap gap) => gap switch
    {
        { From: { } from, To: { } to } => $" from {Time(from)} to {Time(to)} ({Duration(to - from)})",
        { From: { } from } => $" since {Time(from)}",
        { To: { } to } => $" until {Time(to)}",
        _ => "",
    };

    private static string Why(GapReason reason) => reason switch
    {
        GapReason.QueueOverflow => "they arrived faster than they were read",
        GapReason.Renewed => "the key was released and registered again",
        GapReason.ConnectionLost => "the connection was lost",
        GapReason.Silence => "nothing arrived, so the connection was replaced",
        GapReason.Moved => "another session took the registration over",
        GapReason.NotRecorded => "no recorder was running",
        GapReason.Unreadable => "the recording cannot be read",
        GapReason.Paused => "the process did not run",
        GapReason.StoodDown => "the session gave its app key up to another program",
        GapReason.Evicted => "a registration with a higher priority took its slot",
        _ => reason.ToString(),
    };

    // Units such as "1,000 shares" are themselves multiples.
    private static string HowMuch(FeedSchema feed, long volume)
    {
        if (volume == 0)
            return "no volume was missed";
        var unit = feed.Columns.FirstOrDefault(c => c.Role == ColumnRole.CumulativeVolume)?.Unit;
        return unit switch
        {
            null or "" => $"a volume of {Number(volume)} was missed",
            [>= '0' and <= '9', ..] => $"{Number(volume)} × {unit} missed",
            _ => $"{Number(volume)} {unit} missed",
        };
    }

    private static string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.FromMinutes(1))
            return $"{Math.Max(0, duration.TotalSeconds):0.0} s";
        return duration < TimeSpan.FromHours(1)
            ? $"{duration.Minutes} min {duration.Seconds} s"
            : $"{Math.Floor(duration.TotalHours):0} h {duration.Minutes} min";
    }

    private static string Time(DateTimeOffset moment) => KoreaTime.From(moment).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
