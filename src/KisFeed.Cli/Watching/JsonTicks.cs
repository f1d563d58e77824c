using System.Text.Json;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Ticks;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Writes what is watched as JSON, an object a record or event.</summary>
internal sealed class JsonTicks(Stream output, NameStyle names) : ITickOutput
{
    private readonly JsonLines _lines = new(output);

    private bool IsKis => names == NameStyle.Kis;

    public void Record(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields)
    {
        var json = _lines.Begin();
        WriteTarget(json, target);
        json.WriteString(IsKis ? "received_at"u8 : "receivedAt"u8, KoreaTime.From(receivedAt));
        if (FeedClock.TimestampOf(target.Feed, fields, receivedAt) is { } timestamp)
            json.WriteString("timestamp"u8, timestamp);
        else
            json.WriteNull("timestamp"u8);
        RecordJson.WriteMembers(json, target.Feed, fields, names);
        _lines.End();
    }

    public void Gap(WatchTarget target, Gap gap)
    {
        var json = _lines.Begin();
        json.WriteStartObject("gap"u8);
        WriteTarget(json, target);
        WriteMoment(json, "from"u8, gap.From);
        WriteMoment(json, "to"u8, gap.To);
        WriteReason(json, gap.Reason);
        WriteCount(json, "frames"u8, gap.Frames);
        WriteCount(json, IsKis ? "missed_volume"u8 : "missedVolume"u8, gap.MissedVolume);
        json.WriteEndObject();
        _lines.End();
    }

    public void Interruption(WatchTarget target, Interruption interruption)
    {
        var json = _lines.Begin();
        json.WriteStartObject("interruption"u8);
        WriteTarget(json, target);
        WriteMoment(json, "at"u8, interruption.At);
        WriteReason(json, interruption.Reason);
        json.WriteEndObject();
        _lines.End();
    }

    public void Malformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw)
    {
        var json = _lines.Begin();
        json.WriteString("error"u8, error.ToString());
        WriteTarget(json, target);
        json.WriteString(IsKis ? "received_at"u8 : "receivedAt"u8, KoreaTime.From(receivedAt));
        FrameErrorJson.Write(json, error);
        FrameErrorJson.WriteRaw(json, raw);
        _lines.End();
    }

    public ValueTask FlushAsync() => _lines.FlushAsync(CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }

    private void WriteTarget(Utf8JsonWriter json, WatchTarget target)
    {
        json.WriteString(IsKis ? "tr_id"u8 : "trId"u8, target.Feed.TrId);
        json.WriteString(IsKis ? "tr_key"u8 : "key"u8, target.Key);
    }

    private static void WriteReason(Utf8JsonWriter json, GapReason reason) =>
        json.WriteString("reason"u8, JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()));

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? count)
    {
        if (count is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void WriteMoment(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? moment)
    {
        if (moment is { } instant)
            json.WriteString(name, KoreaTime.From(instant));
        else
            json.WriteNull(name);
    }
}
