using System.Text.Json;
using KisFeed.PostgreSql;

namespace KisFeed.Cli.Storing;

/// <summary>What a schema of a database holds.</summary>
internal sealed record StoredCaptures(IReadOnlyList<PostgreSqlStoredFeed> Feeds, string Schema, Database Database)
{
    private IEnumerable<IGrouping<string, PostgreSqlStoredFeed>> Captures => Feeds.GroupBy(feed => feed.Capture, StringComparer.Ordinal);

    /// <summary>Writes a table for each capture.</summary>
    public void WriteText(TextWriter text)
    {
        if (Feeds.Count == 0)
            text.Write($"nothing is stored in {Schema} of {Database}\n");
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

    /// <summary>Writes a JSON document.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema"u8, Schema);
        json.WriteObjects("captures", Captures, capture =>
        {
            json.WriteString("name"u8, capture.Key);
            json.WriteNumber("records"u8, capture.Sum(feed => feed.Records));
            ItemJson.WriteTime(json, "lastAt"u8, capture.Max(feed => feed.LastAt));
            json.WriteObjects("feeds", capture, feed =>
            {
                json.WriteString("feed"u8, feed.TrId);
                json.WriteNumber("records"u8, feed.Records);
                ItemJson.WriteTime(json, "lastAt"u8, feed.LastAt);
                json.WriteNumber("files"u8, feed.Files);
                json.WriteString("file"u8, feed.File);
                json.WriteNumber("position"u8, feed.Position);
                ItemJson.WriteTime(json, "storedAt"u8, feed.StoredAt);
            });
        });
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset? time) => time is { } at ? $"{KoreaTime.From(at):yyyy-MM-dd HH:mm:ss}" : "";
}
