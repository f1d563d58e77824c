using System.Text.Json.Serialization;
using KisFeed.Capture;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Recording;

internal sealed record RecordingStatus(CaptureRecorderStatus Recorder, IReadOnlyList<SessionStatus> Sessions);

internal static class RecordingOutputs
{
    /// <summary>Text for people.</summary>
    public static Output<RecordingStatus> Text(CommandHost host, string folder, Func<string, string?>? freeSpace = null) =>
        new StatusLineOutput<RecordingStatus>(
            host,
            status => status.Recorder.Received,
            (status, rate) =>
            {
                var (recorder, free) = (status.Recorder, (freeSpace ?? DiskSpace.Of)(folder));
                return
                [
                    .. recorder.Problem is null ? (string[])[] : ["NOT WRITTEN"],
                    SessionText.Of(status.Sessions),
                    $"{recorder.Gaps:N0} gaps",
                    $"{recorder.Dropped:N0} dropped",
                    $"{recorder.Flushed:N0} frames",
                    ByteSize.Text(recorder.Bytes),
                    .. free is null ? (string[])[] : [free],
                    $"{rate:N0}/s",
                    $"{recorder.Waiting:N0} waiting",
                ];
            },
            status => status.Recorder is { HasEnded: true } end
                ? $"recorded {end.Flushed:N0} frames, {ByteSize.Text(end.Bytes)}, into "
                    + $"{CountText.Of(end.Files, "file")} in {folder}; "
                    + $"{end.Dropped:N0} dropped, {end.Gaps:N0} gaps{(end.Lost > 0 ? $", {end.Lost:N0} LOST at the end" : "")}"
                : null);

    public static Output<RecordingStatus> Json(CommandHost host)
    {
        var rate = new RateMeter(host.Time);
        return new PlainOutput<RecordingStatus>(host.Output, status =>
        {
            var recorder = status.Recorder;
            var json = new RecordingStatusJson(
                host.Time.GetUtcNow(), recorder.Received, recorder.Flushed, recorder.Waiting, recorder.Dropped, recorder.Gaps,
                recorder.Malformed, recorder.Withheld, recorder.Bytes, Math.Round(rate.Sample(recorder.Received), 1), recorder.Files,
                recorder.LostFiles, recorder.Failures, recorder.Problem, recorder.ProblemSince, recorder.HasEnded ? recorder.Lost : null,
                recorder.HasEnded ? true : null,
                status.Sessions.Select(session => new RecordingSessionJson(
                    session.Name, JsonName.Of(session.Phase), session.Desired, session.Confirmed, session.Problem, session.ProblemSince)));
            return Output.Json.Line(json, RecordingJson.Default.RecordingStatusJson);
        });
    }
}

internal sealed record RecordingStatusJson(
    DateTimeOffset At, long Received, long Flushed, long Waiting, long Dropped, long Gaps, long Malformed, long Withheld, long Bytes,
    double Rate, long Files, long LostFiles, long Failures, string? Problem, DateTimeOffset? ProblemSince, long? Lost, bool? Ended,
    IEnumerable<RecordingSessionJson> Sessions);

internal sealed record RecordingSessionJson(
    string Name, string Phase, int Desired, int Confirmed, string? Problem, DateTimeOffset? ProblemSince);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcConverter)])]
[JsonSerializable(typeof(RecordingStatusJson))]
internal sealed partial class RecordingJson : JsonSerializerContext;
