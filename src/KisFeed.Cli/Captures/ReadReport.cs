using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Cli.Captures;

/// <summary>Tells people at the end what of a capture could not be read.</summary>
internal static class ReadReport
{
    /// <summary>Tells what was asked for and is not there.</summary>
    public static void TellAbsent(CommandHost host, IEnumerable<string> trIds, IEnumerable<string> keys)
    {
        foreach (var trId in trIds)
            host.Tell($"kisfeed: no record of {(KisFeeds.Catalog.TryFind(trId, out var feed) ? FeedNames.NameOf(feed) : trId)} in what was read; 'kisfeed inspect' shows what there is");
        foreach (var key in keys)
            host.Tell($"kisfeed: no record of key {PrintableText.Clean(key)} in what was read; 'kisfeed inspect' shows what there is");
    }

    /// <summary>Tells that a span selects nothing, with the span there is, and which records it cannot select.</summary>
    /// <param name="host">Where people are told.</param>
    /// <param name="span">What was asked for.</param>
    /// <param name="counts">What there was.</param>
    /// <param name="selected">Records within the span.</param>
    public static void TellSpan(CommandHost host, RecordSpan span, SpanCounts? counts, long selected)
    {
        if (counts is not { } met)
            return;
        var clock = span.By == CaptureClock.Exchange ? "exchange time" : "time of receipt";
        if (selected == 0 && met.Records > 0)
        {
            var there = met is { Earliest: { } earliest, Latest: { } latest } ? $": the records are from {Moment(earliest)} to {Moment(latest)}, {clock} in Korea" : "";
            host.Tell($"kisfeed: 0 records selected of {met.Records:N0}{there}");
        }

        if (met.Untimed > 0)
            host.Tell($"kisfeed: {CountText.Of(met.Untimed, "record has", "records have")} no exchange time and {(met.Untimed == 1 ? "is" : "are")} left out; --by receipt selects by the time of receipt");
    }

    /// <summary>Tells it, and says which exit code it comes to.</summary>
    public static int Tell(CommandHost host, ReadCounts counts, string whereMalformed)
    {
        if (counts.Malformed > 0)
            host.Error.WriteLine($"kisfeed: {CountText.Of(counts.Malformed, "frame or record", "frames or records")} could not be read and {(counts.Malformed == 1 ? "is" : "are")} left out{whereMalformed}");
        foreach (var problem in counts.FirstProblems)
            host.Error.WriteLine($"kisfeed: {problem}");
        if (counts.Problems > counts.FirstProblems.Count)
            host.Error.WriteLine($"kisfeed: and {CountText.Of(counts.Problems - counts.FirstProblems.Count, "flaw")} of the files more; 'kisfeed inspect' has them");
        return counts.Malformed + counts.Problems == 0 ? ExitCode.Success : ExitCode.MalformedData;
    }

    private static string Moment(DateTimeOffset at) => KoreaTime.From(at).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}

/// <summary>How much of a capture has been read, as a bar on standard error.</summary>
internal sealed class ReadProgress : IProgress<long>, IDisposable
{
    private const int Width = 24;

    private readonly Progress _shown;
    private readonly long _length;
    private long _position;

    /// <summary>Begins.</summary>
    /// <param name="host">Where it runs; one whose output is not the terminal where data go elsewhere.</param>
    /// <param name="reader">What is read.</param>
    /// <param name="text">Says what has come of it so far; called on another thread.</param>
    public ReadProgress(CommandHost host, CaptureReader reader, Func<string> text)
    {
        _length = Math.Max(1, reader.Files.Sum(file => file.Length));
        _shown = new Progress(host, () => $"{Bar()}  {text()}");
    }

    public void Report(long value) => Volatile.Write(ref _position, value);

    public void Dispose() => _shown.Dispose();

    private string Bar()
    {
        var part = Math.Clamp((double)Volatile.Read(ref _position) / _length, 0, 1);
        var full = (int)(part * Width);
        return $"{new string('█', full)}{new string('░', Width - full)} {part * 100,3:F0} %";
    }
}
