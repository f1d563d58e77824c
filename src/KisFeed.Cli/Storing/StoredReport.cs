using System.Buffers;
using System.Text.Json;
using KisFeed.Cli.Captures;
using KisFeed.PostgreSql;

namespace KisFeed.Cli.Storing;

/// <summary>Writes what a schema holds, as text or JSON.</summary>
internal static class StoredReport
{
    /// <summary>Writes a table for each capture.</summary>
    public static string WriteText(IReadOnlyList<PostgreSqlStoredFeed> stored, string schema, Database database)
    {
        var text = new StringBuilder();
        if (stored.Count == 0)
            text.Append(CultureInfo.InvariantCulture, $"nothing is stored in {schema} of {database}\n");
        foreach (var capture in stored.GroupBy(feed => feed.Capture, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{PrintableText.Clean(capture.Key)} in {schema} of {database}: {CountText.Of(capture.Sum(feed => feed.Records), "record")}\n");
            var table = new TextTable("feed", "-records", "last record (Korea)", "-files", "newest file", "-stored of it", "at (Korea)");
            foreach (var feed in capture)
                table.Add(feed.TrId, Number(feed.Records), Time(feed.LastAt), Number(feed.Files), PrintableText.Clean(feed.File), ByteSize.Text(feed.Position), Time(feed.StoredAt));
            table.WriteTo(text);
        }

        return text.ToString();
    }

    /// <summary>Writes a JSON document.</summary>
    public static ReadOnlyMemory<byte> WriteJson(IReadOnlyList<PostgreSqlStoredFeed> stored, string schema)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, RecordJson.WriterOptions with { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema"u8, schema);
            json.WriteStartArray("captures"u8);
            foreach (var capture in stored.GroupBy(feed => feed.Capture, StringComparer.Ordinal))
                WriteCapture(json, capture.Key, [.. capture]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenMemory;
    }

    private static void WriteCapture(Utf8JsonWriter json, string name, PostgreSqlStoredFeed[] feeds)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteNumber("records"u8, feeds.Sum(feed => feed.Records));
        ItemJson.WriteTime(json, "lastAt"u8, feeds.Max(feed => feed.LastAt));
        json.WriteStartArray("feeds"u8);
        foreach (var feed in feeds)
        {
            json.WriteStartObject();
            json.WriteString("feed"u8, feed.TrId);
            json.WriteNumber("records"u8, feed.Records);
            ItemJson.WriteTime(json, "lastAt"u8, feed.LastAt);
            json.WriteNumber("files"u8, feed.Files);
            json.WriteString("file"u8, feed.File);
            json.WriteNumber("position"u8, feed.Position);
            ItemJson.WriteTime(json, "storedAt"u8, feed.StoredAt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset? time) => time is { } at ? KoreaTime.From(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";
}
