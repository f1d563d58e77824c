using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace KisFeed.Gateway;

/// <summary>Consumers as the JSON that <see cref="ConsumerFileReader"/> reads.</summary>
internal static class ConsumerFileWriter
{
    public static ReadOnlyMemory<byte> Write(IEnumerable<Consumer> consumers)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, ConsumerFileReader.Version);
            json.WriteStartArray("consumers"u8);
            foreach (var consumer in consumers)
                Write(json, consumer);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
        return output.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, Consumer consumer)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, consumer.Name);
        json.WriteString("appKey"u8, consumer.AppKey);
        json.WriteString("secretSha256"u8, Convert.ToHexStringLower(consumer.SecretHash.AsSpan()));
        if (consumer.Feeds is { } feeds)
        {
            json.WriteStartArray("feeds"u8);
            foreach (var feed in feeds)
                json.WriteStringValue(feed);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("feeds"u8, ConsumerFileReader.AllFeeds);
        }

        if (consumer is { Notices: true, HtsIds: { } htsIds })
        {
            json.WriteStartArray("notices"u8);
            foreach (var id in htsIds)
                json.WriteStringValue(id);
            json.WriteEndArray();
        }
        else
        {
            json.WriteBoolean("notices"u8, consumer.Notices);
        }

        if (consumer.Operator)
            json.WriteBoolean("operator"u8, consumer.Operator);
        if (consumer.Quota != ConsumerQuota.None)
            WriteQuota(json, consumer.Quota);
        WriteTime(json, "created"u8, consumer.CreatedAt);
        if (consumer.ExpiresAt is { } expires)
            WriteTime(json, "expires"u8, expires);
        if (consumer.Previous is { } previous)
        {
            json.WriteStartObject("previous"u8);
            json.WriteString("appKey"u8, previous.AppKey);
            json.WriteString("secretSha256"u8, Convert.ToHexStringLower(previous.SecretHash.AsSpan()));
            WriteTime(json, "until"u8, previous.Until);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteQuota(Utf8JsonWriter json, ConsumerQuota quota)
    {
        json.WriteStartObject("limits"u8);
        WriteCount(json, "places"u8, quota.Places);
        WriteCount(json, "connections"u8, quota.Connections);
        WriteCount(json, "requestsPerSecond"u8, quota.RequestsPerSecond);
        json.WriteEndObject();
    }

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? count)
    {
        if (count is { } number)
            json.WriteNumber(name, number);
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time) =>
        json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
