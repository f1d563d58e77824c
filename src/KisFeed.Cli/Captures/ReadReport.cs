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
            host.WriteMessage($"kisfeed: and {CountText.Of(reader.Skipped.Count - Most, "file or link", "files and links")} more are "
                + "skipped; 'kisfeed inspect --format json' lists them");
        }
        return reader;
    }

    /// <summary>Reports selected feeds and keys without records.</summary>
    public static void WriteAbsent(CommandHost host, IEnumerable<string> trIds, IEnumerable<string> keys)
    {
        foreach (var trId in trIds)
        {
            host.WriteMessage($"kisfeed: no record of {(KisFeeds.Catalog.TryFind(trId, out var feed) ? FeedNames.NameOf(feed) : trId)} in "
                + "the capture; 'kisfeed inspect' shows its content");
        }
        foreach (var key in keys)
            host.WriteMessage($"kisfeed: no record of key {PrintableText.Clean(key)} in the capture; 'kisfeed inspect' shows its content");
    }

    /// <summary>Reports a span that selects no records, with the span of the capture, and records without a time.</summary>
    public static void WriteSpan(CommandHost host, RecordSpan span, SpanCounts? counts, long selected)
    {
        if (counts is not { } met)
            return;
        var clock = span.By == CaptureClock.Exchange ? "exchange time" : "receive time";
        if (selected == 0 && met.Records > 0)
        {
            var there = met is { Earliest: { } earliest, Latest: { } latest }
                ? $": the records are from {Moment(earliest)} to {Moment(latest)}, {clock} in Korea"
                : "";
            host.WriteMessage($"kisfeed: 0 records selected of {met.Records:N0}{there}");
        }

        if (met.Untimed > 0)
        {
            host.WriteMessage($"kisfeed: {CountText.Of(met.Untimed, "record has", "records have")} no exchange time and "
                + $"{(met.Untimed == 1 ? "is" : "are")} left out; --by receipt selects by receive time");
        }
    }

    /// <summary>Reports unreadable data and returns the exit code.</summary>
    public static int Write(CommandHost host, ReadCounts counts, string whereMalformed)
    {
        if (counts.Malformed > 0)
        {
            host.Error.WriteLine($"kisfeed: {CountText.Of(counts.Malformed, "frame or record", "frames or records")} could not be read and "
                + $"{(counts.Malformed == 1 ? "is" : "are")} left out{whereMalformed}");
        }
        if (counts.Unscaled > 0)
        {
            var records = CountText.Of(counts.Unscaled, "record has", "records have");
            host.Error.WriteLine($"kisfeed: {records} prices as the broker sends them, without a decimal point; "
                + $"{MastersOption.OptionName} gives their decimal places");
        }

        foreach (var problem in counts.FirstProblems)
            host.Error.WriteLine($"kisfeed: {problem}");
        if (counts.Problems > counts.FirstProblems.Count)
        {
            host.Error.WriteLine($"kisfeed: and {CountText.Of(counts.Problems - counts.FirstProblems.Count, "flaw")} more in the files; "
                + "'kisfeed inspect' lists them");
        }
        return counts.Malformed + counts.Problems == 0 ? ExitCode.Success : ExitCode.MalformedData;
    }

    private static string Moment(DateTimeOffset at) => KoreaTime.From(at).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
