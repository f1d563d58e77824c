using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Recording;

/// <summary>The status of a recording and of its sessions.</summary>
internal sealed record RecordingStatus(CaptureRecorderStatus Recorder, IReadOnlyList<SessionStatus> Sessions);

/// <summary>The outputs of the status of a recording.</summary>
internal static class RecordingOutputs
{
    /// <summary>Text for people.</summary>
    /// <param name="host">The host.</param>
    /// <param name="folder">The folder of the recording.</param>
    /// <param name="freeSpace">Returns the free space on the disk of a folder; replaced in tests.</param>
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

    /// <summary>JSON, one object per line.</summary>
    public static Output<RecordingStatus> Json(CommandHost host)
    {
        var rate = new RateMeter(host.Time);
        return new JsonOutput<RecordingStatus>(
            host.Output, (json, status) => Write(json, status, host.Time.GetUtcNow(), rate.Sample(status.Recorder.Received)));
    }

    private static void Write(Utf8JsonWriter json, RecordingStatus status, DateTimeOffset at, double rate)
    {
        var recorder = status.Recorder;
        json.WriteString("at", TimeText.Utc(at));
        json.WriteNumber("received", recorder.Received);
        json.WriteNumber("flushed", recorder.Flushed);
        json.WriteNumber("waiting", recorder.Waiting);
        json.WriteNumber("dropped", recorder.Dropped);
        json.WriteNumber("gaps", recorder.Gaps);
        json.WriteNumber("malformed", recorder.Malformed);
        json.WriteNumber("withheld", recorder.Withheld);
        json.WriteNumber("bytes", recorder.Bytes);
        json.WriteNumber("rate", Math.Round(rate, 1));
        json.WriteNumber("files", recorder.Files);
        json.WriteNumber("lostFiles", recorder.LostFiles);
        json.WriteNumber("failures", recorder.Failures);
        json.WriteProblem(recorder.Problem, recorder.ProblemSince);
        if (recorder.HasEnded)
        {
            json.WriteNumber("lost", recorder.Lost);
            json.WriteBoolean("ended", true);
        }

        json.WriteObjects("sessions", status.Sessions, session =>
        {
            json.WriteString("name", session.Name);
            json.WriteString("phase", session.Phase.ToString().ToLowerInvariant());
            json.WriteNumber("desired", session.Desired);
            json.WriteNumber("confirmed", session.Confirmed);
            json.WriteProblem(session.Problem, session.ProblemSince);
        });
    }
}
