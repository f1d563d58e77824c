using KisFeed.Capture;
using KisFeed.Feeds;

namespace KisFeed.Cli.Captures;

/// <summary>Messages at the end of commands that read captures.</summary>
internal static class ReadReport
{
    /// <summary>Reports files and links that are not read. Returns the reader.</summary>
    public static CaptureReader WriteSkipped(CommandHost host, CaptureReader reader)
    {
        const int Most = 10;
        foreach (var skipped in reader.Skipped.Take(Most))
            host.WriteMessage($"kisfeed: {PrintableText.Clean(skipped.ToString())}");
        if (reader.Skipped.Count > Most)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: and {CountText.Of(reader.Skipped.Count - Most, "file or link", "files and links")} more are skipped; 'kisfeed "
                    + "inspect --format json' lists them",
                $"kisfeed: 파일과 링크 {reader.Skipped.Count - Most:N0}개를 더 건너뜁니다. 목록은 'kisfeed inspect --format json'에 있습니다"));
        }
        return reader;
    }

    /// <summary>Reports selected feeds and keys without records.</summary>
    public static void WriteAbsent(CommandHost host, IEnumerable<string> trIds, IEnumerable<string> keys)
    {
        foreach (var trId in trIds)
        {
            var name = KisFeeds.Catalog.TryFind(trId, out var feed) ? FeedNames.NameOf(feed) : trId;
            host.WriteMessage(UiText.Of(
                $"kisfeed: no record of {name} in the capture; 'kisfeed inspect' shows its content",
                $"kisfeed: 기록에 {name} 레코드가 없습니다. 기록의 내용은 'kisfeed inspect'로 볼 수 있습니다"));
        }
        foreach (var key in keys)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: no record of key {PrintableText.Clean(key)} in the capture; 'kisfeed inspect' shows its content",
                $"kisfeed: 기록에 키 {PrintableText.Clean(key)}의 레코드가 없습니다. 기록의 내용은 'kisfeed inspect'로 볼 수 있습니다"));
        }
    }

    /// <summary>Reports a span that selects no records, with the span of the capture, and records without a time.</summary>
    public static void WriteSpan(CommandHost host, RecordSpan span, SpanCounts? counts, long selected)
    {
        if (counts is not { } met)
            return;
        var clock = span.By == CaptureClock.Exchange ? UiText.Of("exchange time", "거래소 시각") : UiText.Of("receive time", "수신 시각");
        if (selected == 0 && met.Records > 0)
        {
            var there = met is { Earliest: { } earliest, Latest: { } latest }
                ? UiText.Of(
                    $": the records are from {Moment(earliest)} to {Moment(latest)}, {clock} in Korea",
                    $". 레코드는 {Moment(earliest)}부터 {Moment(latest)}까지입니다(한국의 {clock})")
                : "";
            host.WriteMessage(UiText.Of(
                $"kisfeed: 0 records selected of {met.Records:N0}{there}",
                $"kisfeed: 레코드 {met.Records:N0}건 가운데 고른 것이 없습니다{there}"));
        }

        if (met.Untimed > 0)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: {CountText.Of(met.Untimed, "record has", "records have")} no exchange time and "
                    + $"{(met.Untimed == 1 ? "is" : "are")} left out; --by receipt selects by receive time",
                $"kisfeed: 레코드 {met.Untimed:N0}건은 거래소 시각이 없어 제외했습니다. --by receipt는 수신 시각으로 고릅니다"));
        }
    }

    /// <summary>Reports unreadable data and returns the exit code.</summary>
    public static int Write(CommandHost host, ReadCounts counts, string whereMalformed)
    {
        if (counts.Malformed > 0)
        {
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: {CountText.Of(counts.Malformed, "frame or record", "frames or records")} could not be read and "
                    + $"{(counts.Malformed == 1 ? "is" : "are")} left out{whereMalformed}",
                $"kisfeed: 읽을 수 없는 프레임이나 레코드 {counts.Malformed:N0}건을 제외했습니다{whereMalformed}"));
        }
        if (counts.Unscaled > 0)
        {
            var records = CountText.Of(counts.Unscaled, "record has", "records have");
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: {records} prices as the broker sends them, without a decimal point; {MastersOption.OptionName} gives their "
                    + "decimal places",
                $"kisfeed: 레코드 {counts.Unscaled:N0}건의 가격은 증권사가 보낸 대로 소수점이 없습니다. 자릿수는 {MastersOption.OptionName}로 지정하세요"));
        }

        foreach (var problem in counts.FirstProblems)
            host.Error.WriteLine($"kisfeed: {problem}");
        if (counts.Problems > counts.FirstProblems.Count)
        {
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: and {CountText.Of(counts.Problems - counts.FirstProblems.Count, "flaw")} more in the files; 'kisfeed inspect' "
                    + "lists them",
                $"kisfeed: 파일에 문제가 {counts.Problems - counts.FirstProblems.Count:N0}개 더 있습니다. 목록은 'kisfeed inspect'로 볼 수 있습니다"));
        }
        return counts.Malformed + counts.Problems == 0 ? ExitCode.Success : ExitCode.MalformedData;
    }

    private static string Moment(DateTimeOffset at) => KoreaTime.From(at).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
