using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Writes what comes by a registration as members of a JSON object: the records and events of <c>kisfeed watch --format json</c> and of the gateway's plain HTTP, which are the same.
/// </summary>
internal static class ItemJson
{
    /// <summary>A record that <see cref="RecordJson.TryCheck"/> has found readable.</summary>
    public static void WriteRecord(Utf8JsonWriter json, FeedSchema feed, string key, DateTimeOffset receivedAt, scoped in RecordFields fields, NameStyle names)
    {
        WriteTarget(json, feed.TrId, key, names);
        WriteReceipt(json, receivedAt, names);
        if (KoreaTime.Of(feed, fields, receivedAt) is { } timestamp)
            TimeText.WriteExchange(json, "timestamp"u8, timestamp);
        else
            json.WriteNull("timestamp"u8);
        RecordJson.WriteMembers(json, feed, fields, names);
    }

    /// <summary>The first record of a frame that is kept. Nothing is written where it cannot be read.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="bytes">The frame.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="names">Which names members bear.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <param name="isSnapshot">Whether a member says that it came before those behind it.</param>
    public static bool TryWriteFirstRecord(
        Utf8JsonWriter json, FeedSchema feed, string key, ReadOnlySpan<byte> bytes, DateTimeOffset receivedAt, NameStyle names, out FrameError error, bool isSnapshot = false)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out error) || !feed.TryResolve(frame, out var shape, out error))
            return false;
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        if (!reader.MoveNext() || !RecordJson.TryCheck(feed, reader.Current, out error))
            return false;
        if (isSnapshot)
            json.WriteBoolean("snapshot"u8, true);
        WriteRecord(json, feed, key, receivedAt, reader.Current, names);
        return true;
    }

    /// <summary>A gap.</summary>
    public static void WriteGap(Utf8JsonWriter json, FeedSchema feed, string key, Gap gap, NameStyle names)
    {
        json.WriteStartObject("gap"u8);
        WriteTarget(json, feed.TrId, key, names);
        WriteMoment(json, "from"u8, gap.From);
        WriteMoment(json, "to"u8, gap.To);
        WriteReason(json, gap.Reason);
        WriteCount(json, "frames"u8, gap.Frames);
        WriteCount(json, names == NameStyle.Kis ? "missed_volume"u8 : "missedVolume"u8, gap.MissedVolume);
        json.WriteEndObject();
    }

    /// <summary>Data may be missing from here on.</summary>
    public static void WriteInterruption(Utf8JsonWriter json, FeedSchema feed, string key, Interruption interruption, NameStyle names)
    {
        json.WriteStartObject("interruption"u8);
        WriteTarget(json, feed.TrId, key, names);
        WriteMoment(json, "at"u8, interruption.At);
        WriteReason(json, interruption.Reason);
        json.WriteEndObject();
    }

    /// <summary>A frame, or a record of one, that cannot be read.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="trId">The TR ID; <see langword="null"/> where it cannot be told.</param>
    /// <param name="key">The key within the feed; <see langword="null"/> where it cannot be told.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="names">Which names members bear.</param>
    public static void WriteError(Utf8JsonWriter json, string? trId, string? key, DateTimeOffset receivedAt, in FrameError error, NameStyle names)
    {
        json.WriteString("error"u8, error.ToString());
        WriteTarget(json, trId, key, names);
        WriteReceipt(json, receivedAt, names);
        FrameErrorJson.Write(json, error);
    }

    /// <summary>The members that say which registration an item is of.</summary>
    public static void WriteTarget(Utf8JsonWriter json, string? trId, string? key, NameStyle names)
    {
        json.WriteString(names == NameStyle.Kis ? "tr_id"u8 : "trId"u8, trId);
        json.WriteString(names == NameStyle.Kis ? "tr_key"u8 : "key"u8, key);
    }

    /// <summary>A moment in Korea's time, or null.</summary>
    public static void WriteMoment(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? moment)
    {
        if (moment is { } instant)
            TimeText.WriteMoment(json, name, instant);
        else
            json.WriteNull(name);
    }

    /// <summary>A number, or null.</summary>
    public static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? count)
    {
        if (count is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void WriteReceipt(Utf8JsonWriter json, DateTimeOffset receivedAt, NameStyle names) =>
        TimeText.WriteMoment(json, names == NameStyle.Kis ? "received_at"u8 : "receivedAt"u8, receivedAt);

    private static void WriteReason(Utf8JsonWriter json, GapReason reason) =>
        json.WriteString("reason"u8, JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()));
}
