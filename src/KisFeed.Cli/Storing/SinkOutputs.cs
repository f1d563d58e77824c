using System.Text.Json;
using KisFeed.Capture;

namespace KisFeed.Cli.Storing;

/// <summary>The outputs of the status of a sink.</summary>
internal static class SinkOutputs
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Text for people.</summary>
    public static Output<RecordingSinkStatus> Text(CommandHost host, string target) => new StatusLineOutput<RecordingSinkStatus>(
        host,
        status => status.Records,
        PartsOf,
        status => status.HasEnded
            ? $"stored {CountText.Of(status.Records, "record")} in {target}{MalformedOf(status)}{LagOf(status)}"
            : null);

    /// <summary>JSON, one object per line, each second and at the end.</summary>
    public static Output<RecordingSinkStatus> Json(CommandHost host)
    {
        var rate = new RateMeter(host.Time);
        return new IntervalOutput<RecordingSinkStatus>(
            new JsonOutput<RecordingSinkStatus>(
                host.Output, (json, status) => Write(json, status, host.Time.GetUtcNow(), rate.Sample(status.Records))),
            host.Time,
            s_interval,
            status => status.HasEnded);
    }

    private static List<string> PartsOf(RecordingSinkStatus status, double rate)
    {
        List<string> parts = status.Problem is null ? [] : ["NOT STORED"];
        parts.Add(CountText.Of(status.Records, "record"));
        parts.Add(status.LagBytes > 0 ? $"{ByteSize.Text(status.LagBytes)} behind" : "up to date");
        if (status.Feeds.Max(feed => feed.LastAt) is { } last)
            parts.Add($"last {KoreaTime.From(last):yyyy-MM-dd HH:mm:ss}");
        parts.Add($"{rate:N0}/s");
        if (status.Malformed > 0)
            parts.Add($"{status.Malformed:N0} malformed");
        return parts;
    }

    private static string MalformedOf(RecordingSinkStatus status) => status.Malformed > 0 ? $"; {status.Malformed:N0} malformed" : "";

    private static string LagOf(RecordingSinkStatus status) =>
        status.LagBytes > 0 ? $"; {ByteSize.Text(status.LagBytes)} not stored yet" : "";

    private static void Write(Utf8JsonWriter json, RecordingSinkStatus status, DateTimeOffset at, double rate)
    {
        json.WriteString("at", TimeText.Utc(at));
        json.WriteNumber("records", status.Records);
        json.WriteNumber("malformed", status.Malformed);
        json.WriteNumber("duplicates", status.Duplicates);
        json.WriteNumber("transactions", status.Transactions);
        json.WriteNumber("failures", status.Failures);
        json.WriteNumber("rate", Math.Round(rate, 1));
        json.WriteNumber("lagBytes", status.LagBytes);
        if (status.LastStoredAt is { } storedAt)
            json.WriteString("lastStoredAt", TimeText.Utc(storedAt));
        json.WriteProblem(status.Problem is { } problem ? SinkText.Of(problem) : null, status.ProblemSince);
        if (status.HasEnded)
            json.WriteBoolean("ended", true);
        json.WriteObjects("feeds", status.Feeds, feed =>
        {
            json.WriteString("feed", feed.TrId);
            json.WriteNumber("records", feed.Records);
            if (feed.LastAt is { } lastAt)
                json.WriteString("lastAt", TimeText.Utc(lastAt));
            json.WriteNumber("lagBytes", feed.LagBytes);
            json.WriteNumber("lagSeconds", Math.Round(feed.Lag.TotalSeconds, 3));
        });
    }
}
