using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>
/// Writes records and events as members of a JSON object. <c>kisfeed watch --format json</c> and the
/// gateway's HTTP endpoints use the same form.
/// </summary>
internal static class ItemJson
{
    /// <summary>Writes a record that <see cref="RecordJson.TryCheck"/> has accepted.</summary>
    public static void WriteRecord(
        Utf8JsonWriter json, FeedSchema feed, string key, DateTimeOffset receivedAt, scoped in RecordFields fields, NameStyle names)
    {
        WriteTarget(json, feed.TrId, key, names);
        WriteReceivedAt(json, receivedAt, names);
        if (ExchangeTime.Of(feed, fields, receivedAt) is { } timestamp)
            TimeText.WriteExchangeTime(json, "timestamp"u8, timestamp);
        else
            json.WriteNull("timestamp"u8);
        RecordJson.WriteMembers(json, feed, fields, names);
    }

    /// <summary>Writes the first record of a frame. Writes nothing if it is not valid.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="received">The frame.</param>
    /// <param name="names">The naming style of members.</param>
    /// <param name="error">The error, if it is not valid.</param>
    /// <param name="isSnapshot">Whether to mark it as a snapshot: a record from before the stream.</param>
    public static bool TryWriteFirstRecord(
        Utf8JsonWriter json, FeedSchema feed, string key, in Frame received, NameStyle names, out FrameError error, bool isSnapshot = false)
    {
        if (!DataFrame.TryParse(received, out var frame, out error) || !feed.TryResolve(frame, out var shape, out error))
            return false;
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        if (!reader.MoveNext() || !RecordJson.TryCheck(feed, reader.Current, out error))
            return false;
        if (isSnapshot)
            json.WriteBoolean("snapshot"u8, true);
        WriteRecord(json, feed, key, received.ReceivedAt, reader.Current, names);
        return true;
    }

    public static void WriteGap(Utf8JsonWriter json, FeedSchema feed, string key, Gap gap, NameStyle names)
    {
        json.WriteStartObject("gap"u8);
        WriteTarget(json, feed.TrId, key, names);
        WriteTime(json, "from"u8, gap.From);
        WriteTime(json, "to"u8, gap.To);
        WriteReason(json, gap.Reason);
        WriteCount(json, "frames"u8, gap.Frames);
        WriteCount(json, names == NameStyle.Kis ? "missed_volume"u8 : "missedVolume"u8, gap.MissedVolume);
        json.WriteEndObject();
    }

    public static void WriteInterruption(Utf8JsonWriter json, FeedSchema feed, string key, Interruption interruption, NameStyle names)
    {
        json.WriteStartObject("interruption"u8);
        WriteTarget(json, feed.TrId, key, names);
        WriteTime(json, "at"u8, interruption.At);
        WriteReason(json, interruption.Reason);
        json.WriteEndObject();
    }

    /// <summary>Writes where recorded data end.</summary>
    public static void WriteLive(Utf8JsonWriter json, FeedSchema feed, string key, LiveBegins live, NameStyle names)
    {
        json.WriteStartObject("live"u8);
        WriteTarget(json, feed.TrId, key, names);
        WriteTime(json, "at"u8, live.At);
        json.WriteEndObject();
    }

    /// <summary>Writes a malformed frame or record.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="trId">The TR ID; <see langword="null"/> if unknown.</param>
    /// <param name="key">The key within the feed; <see langword="null"/> if unknown.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="error">The error.</param>
    /// <param name="names">The naming style of members.</param>
    public static void WriteError(
        Utf8JsonWriter json, string? trId, string? key, DateTimeOffset receivedAt, in FrameError error, NameStyle names)
    {
        json.WriteString("error"u8, error.ToString());
        WriteTarget(json, trId, key, names);
        WriteReceivedAt(json, receivedAt, names);
        FrameErrorJson.Write(json, error);
    }

    public static void WriteTarget(Utf8JsonWriter json, string? trId, string? key, NameStyle names)
    {
        json.WriteString(names == NameStyle.Kis ? "tr_id"u8 : "trId"u8, trId);
        json.WriteString(names == NameStyle.Kis ? "tr_key"u8 : "key"u8, key);
    }

    /// <summary>Writes a time in Korean time, or null.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? moment)
    {
        if (moment is { } instant)
            TimeText.WriteTime(json, name, instant);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a number, or null.</summary>
    public static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? count)
    {
        if (count is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void WriteReceivedAt(Utf8JsonWriter json, DateTimeOffset receivedAt, NameStyle names) =>
        TimeText.WriteTime(json, names == NameStyle.Kis ? "received_at"u8 : "receivedAt"u8, receivedAt);

    private static void WriteReason(Utf8JsonWriter json, GapReason reason) =>
        json.WriteString("reason"u8, JsonName.Of(reason));
}

/// <summary>Writes the values of an enum in serialized JSON by their names in camel case.</summary>
internal sealed class CamelCaseConverter<TValue>() : JsonStringEnumConverter<TValue>(JsonNamingPolicy.CamelCase)
    where TValue : struct, Enum;

/// <summary>The names of enum values in JSON: camel case.</summary>
internal static class JsonName
{
    public static string Of<TValue>(TValue value)
        where TValue : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The value of a name; <see langword="null"/> if this version does not know it.</summary>
    public static TValue? ValueOf<TValue>(string? name)
        where TValue : struct, Enum => Enum.TryParse<TValue>(name, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;
}
