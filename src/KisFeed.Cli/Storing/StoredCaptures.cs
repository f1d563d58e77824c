using System.Text.Json.Serialization;
using KisFeed.PostgreSql;

namespace KisFeed.Cli.Storing;

/// <summary>What a schema of a database holds.</summary>
internal sealed record StoredCaptures(IReadOnlyList<PostgreSqlStoredFeed> Feeds, string Schema, Database Database)
{
    private IEnumerable<IGrouping<string, PostgreSqlStoredFeed>> Captures => Feeds.GroupBy(feed => feed.Capture, StringComparer.Ordinal);

    public void WriteText(TextWriter text)
    {
        if (Feeds.Count == 0)
            text.Write(UiText.Of($"nothing is stored in {Schema} of {Database}\n", $"{Database}의 {Schema}: 저장된 것이 없습니다\n"));
        foreach (var capture in Captures)
        {
            text.Write($"{PrintableText.Clean(capture.Key)} in {Schema} of {Database}: "
                + $"{CountText.Of(capture.Sum(feed => feed.Records), "record")}\n");
            var table = new TextTable("feed", "-records", "last record (Korea)", "-files", "newest file", "-stored of it", "at (Korea)");
            foreach (var feed in capture)
            {
                table.Add(
                    feed.TrId,
                    $"{feed.Records:N0}",
                    Time(feed.LastAt),
                    $"{feed.Files:N0}",
                    PrintableText.Clean(feed.File),
                    ByteSize.Text(feed.Position),
                    Time(feed.StoredAt));
            }

            table.WriteTo(text);
        }
    }

    public string ToJson()
    {
        var json = new StoredCapturesJson(Schema, Captures.Select(capture => new StoredCaptureJson(
            capture.Key, capture.Sum(feed => feed.Records), KoreaTimeOf(capture.Max(feed => feed.LastAt)),
            capture.Select(feed => new StoredFeedJson(
                feed.TrId, feed.Records, KoreaTimeOf(feed.LastAt), feed.Files, feed.File, feed.Position, KoreaTimeOf(feed.StoredAt))))));
        return Json.Document(json, StoringJson.Default.StoredCapturesJson);
    }

    private static string? KoreaTimeOf(DateTimeOffset? time) =>
        time is { } at ? KoreaTime.From(at).ToString("O", CultureInfo.InvariantCulture) : null;

    private static string Time(DateTimeOffset? time) => time is { } at ? $"{KoreaTime.From(at):yyyy-MM-dd HH:mm:ss}" : "";
}

internal sealed record StoredCapturesJson(string Schema, IEnumerable<StoredCaptureJson> Captures);

internal sealed record StoredCaptureJson(
    string Name,
    long Records,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastAt,
    IEnumerable<StoredFeedJson> Feeds);

internal sealed record StoredFeedJson(
    string Feed,
    long Records,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastAt,
    long Files,
    string File,
    long Position,
    string? StoredAt);
