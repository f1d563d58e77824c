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
        json.WriteString("reason"u8, JsonNamingPolicy.CamelCase.ConvertName(gap.Reason.ToString()));
        if (gap.Frames is { } frames)
            json.WriteNumber("frames"u8, frames);
        else
            json.WriteNull("frames"u8);
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

    private static void WriteMoment(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? moment)
    {
        if (moment is { } instant)
            json.WriteString(name, KoreaTime.From(instant));
        else
            json.WriteNull(name);
    }
}
