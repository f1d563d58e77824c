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
            return Output.Json.LineWithoutNulls(new
            {
                At = host.Time.GetUtcNow(),
                recorder.Received,
                recorder.Flushed,
                recorder.Waiting,
                recorder.Dropped,
                recorder.Gaps,
                recorder.Malformed,
                recorder.Withheld,
                recorder.Bytes,
                Rate = Math.Round(rate.Sample(recorder.Received), 1),
                recorder.Files,
                recorder.LostFiles,
                recorder.Failures,
                recorder.Problem,
                recorder.ProblemSince,
                Lost = recorder.HasEnded ? recorder.Lost : (long?)null,
                Ended = recorder.HasEnded ? true : (bool?)null,
                Sessions = status.Sessions.Select(session => new
                {
                    session.Name,
                    session.Phase,
                    session.Desired,
                    session.Confirmed,
                    session.Problem,
                    session.ProblemSince,
                }),
            });
        });
    }
}
