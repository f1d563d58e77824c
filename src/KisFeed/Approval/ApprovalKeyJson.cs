using System.Buffers;
using System.Text.Json;
using KisFeed.Output;

namespace KisFeed.Approval;

/// <summary>Approval keys by holder, as JSON: <c>{"keys":[{"holder":"…","approvalKey":"…","issuedAt":"…"}]}</c>.</summary>
internal static class ApprovalKeyJson
{
    public static ReadOnlyMemory<byte> Write(Dictionary<string, IssuedApprovalKey> keys)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("keys"u8);
        foreach (var (holder, key) in keys)
        {
            json.WriteStartObject();
            json.WriteString("holder"u8, holder);
            json.WriteString("approvalKey"u8, key.Key);
            json.WriteString("issuedAt"u8, TimeText.Utc(key.IssuedAt));
            if (key.HasServerEvents)
                json.WriteBoolean("serverEvents"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads the keys; returns <see langword="null"/> if the content is not in the expected format.</summary>
    public static Dictionary<string, IssuedApprovalKey>? TryRead(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty("keys"u8).EnumerateArray().ToDictionary(
                static k => TextOf(k, "holder"u8),
                static k => new IssuedApprovalKey(
                    TextOf(k, "approvalKey"u8),
                    k.GetProperty("issuedAt"u8).GetDateTimeOffset(),
                    k.TryGetProperty("serverEvents"u8, out var events) && events.GetBoolean()),
                StringComparer.Ordinal);
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            // Not JSON; or a member is missing or has the wrong type or format; or a holder appears twice.
            return null;
        }
    }

    private static string TextOf(JsonElement key, ReadOnlySpan<byte> member) =>
        key.GetProperty(member).GetString() is { Length: > 0 } text ? text : throw new JsonException();
}
