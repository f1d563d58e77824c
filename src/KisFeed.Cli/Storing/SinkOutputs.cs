using System.Text.Json.Serialization;
using KisFeed.Capture;

namespace KisFeed.Cli.Storing;

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
        long? writtenAt = null;
        return new PlainOutput<RecordingSinkStatus>(host.Output, status =>
        {
            if (!status.HasEnded && writtenAt is { } at && host.Time.GetElapsedTime(at) < s_interval)
                return "";
            writtenAt = host.Time.GetTimestamp();
            var json = new SinkStatusJson(
                host.Time.GetUtcNow(), status.Records, status.Malformed, status.Duplicates, status.Transactions, status.Failures,
                Math.Round(rate.Sample(status.Records), 1), status.LagBytes, status.LastStoredAt,
                status.Problem is { } problem ? SinkText.Of(problem) : null, status.ProblemSince, status.HasEnded ? true : null,
                status.Feeds.Select(feed => new SinkFeedJson(
                    feed.TrId, feed.Records, feed.LastAt, feed.LagBytes, Math.Round(feed.Lag.TotalSeconds, 3))));
            return Output.Json.Line(json, StoringJson.Default.SinkStatusJson);
        });
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
}

internal sealed record SinkStatusJson(
    DateTimeOffset At, long Records, long Malformed, long Duplicates, long Transactions, long Failures, double Rate, long LagBytes,
    DateTimeOffset? LastStoredAt, string? Problem, DateTimeOffset? ProblemSince, bool? Ended, IEnumerable<SinkFeedJson> Feeds);

internal sealed record SinkFeedJson(string Feed, long Records, DateTimeOffset? LastAt, long LagBytes, double LagSeconds);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcConverter)])]
[JsonSerializable(typeof(SinkStatusJson))]
[JsonSerializable(typeof(StoredCapturesJson))]
internal sealed partial class StoringJson : JsonSerializerContext;
