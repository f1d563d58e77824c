namespace KisFeed.Cli.Watching;

/// <summary>Describes gaps and unreadable frames for people.</summary>
internal static class EventText
{
    /// <summary>Describes an event; <see langword="null"/> for one that only programs need.</summary>
    public static string? Of(WatchTarget target, FeedEvent happened) => happened switch
    {
        Gap gap => Of(target, gap),
        LiveBegins live => UiText.Of(
            $"{target.Feed.TrId} {target.Key}: recorded until {Time(live.At)}, live from here on",
            $"{target.Feed.TrId} {target.Key}: {Time(live.At)}까지 기록, 여기부터 실시간"),
        MalformedFrame malformed => UiText.Of(
            $"{target.Feed.TrId} {target.Key}: unreadable: {malformed.Error}",
            $"{target.Feed.TrId} {target.Key}: 읽을 수 없음: {malformed.Error}"),
        _ => null,
    };

    private static string Of(WatchTarget target, Gap gap)
    {
        var text = UiText.Of(
            $"{target.Feed.TrId} {target.Key}: {What(gap)} missing{When(gap)}: {Why(gap.Reason)}",
            $"{target.Feed.TrId} {target.Key}: 공백{When(gap)}: {What(gap)}({Why(gap.Reason)})");
        return gap.MissedVolume is { } volume ? $"{text}; {HowMuch(target.Feed, volume)}" : text;
    }

    private static string What(Gap gap) => gap switch
    {
        { Frames: null } => UiText.Of("data may be", "데이터가 빠졌을 수 있음"),
        { Frames: { } frames, Reason: GapReason.QueueOverflow } => UiText.Of($"{Number(frames)} frames are", $"프레임 {Number(frames)}개 빠짐"),
        { Frames: { } frames } => UiText.Of($"{Number(frames)} frames and perhaps more are", $"프레임 {Number(frames)}개 이상 빠졌을 수 있음"),
    };

    private static string When(Gap gap) => gap switch
    {
        { From: { } from, To: { } to } => UiText.Of(
            $" from {Time(from)} to {Time(to)} ({Duration(to - from)})",
            $" {Time(from)}~{Time(to)}({Duration(to - from)})"),
        { From: { } from } => UiText.Of($" since {Time(from)}", $" {Time(from)}부터"),
        { To: { } to } => UiText.Of($" until {Time(to)}", $" {Time(to)}까지"),
        _ => "",
    };

    private static string Why(GapReason reason) => reason switch
    {
        GapReason.QueueOverflow => UiText.Of("they arrived faster than they were read", "읽는 것보다 빨리 옴"),
        GapReason.Renewed => UiText.Of("the key was released and registered again", "해제했다가 다시 등록함"),
        GapReason.ConnectionLost => UiText.Of("the connection was lost", "연결이 끊김"),
        GapReason.Silence => UiText.Of("nothing arrived, so the connection was replaced", "아무것도 오지 않아 다시 접속함"),
        GapReason.Moved => UiText.Of("another session took the registration over", "다른 세션이 등록을 가져감"),
        GapReason.NotRecorded => UiText.Of("no recorder was running", "기록하지 않았음"),
        GapReason.Unreadable => UiText.Of("the recording cannot be read", "기록을 읽을 수 없음"),
        GapReason.Paused => UiText.Of("the process did not run", "프로세스가 멈춰 있었음"),
        GapReason.StoodDown => UiText.Of("the session gave its app key up to another program", "앱키를 다른 프로그램에 넘김"),
        GapReason.Evicted => UiText.Of("a registration with a higher priority took its slot", "우선순위가 더 높은 등록이 자리를 가져감"),
        _ => reason.ToString(),
    };

    // Units such as "1,000 shares" are themselves multiples.
    private static string HowMuch(FeedSchema feed, long volume)
    {
        if (volume == 0)
            return UiText.Of("no volume was missed", "놓친 거래량 없음");
        var unit = feed.Columns.FirstOrDefault(c => c.Role == ColumnRole.CumulativeVolume)?.Unit;
        return unit switch
        {
            null or "" => UiText.Of($"a volume of {Number(volume)} was missed", $"놓친 거래량 {Number(volume)}"),
            [>= '0' and <= '9', ..] => UiText.Of($"{Number(volume)} × {unit} missed", $"놓친 거래량 {Number(volume)} × {unit}"),
            _ => UiText.Of($"{Number(volume)} {unit} missed", $"놓친 거래량 {Number(volume)} {unit}"),
        };
    }

    private static string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.FromMinutes(1))
            return UiText.Of($"{Math.Max(0, duration.TotalSeconds):0.0} s", $"{Math.Max(0, duration.TotalSeconds):0.0}초");
        return duration < TimeSpan.FromHours(1)
            ? UiText.Of($"{duration.Minutes} min {duration.Seconds} s", $"{duration.Minutes}분 {duration.Seconds}초")
            : UiText.Of(
                $"{Math.Floor(duration.TotalHours):0} h {duration.Minutes} min",
                $"{Math.Floor(duration.TotalHours):0}시간 {duration.Minutes}분");
    }

    private static string Time(DateTimeOffset moment) => KoreaTime.From(moment).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
