using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Output;
using KisFeed.Cli.Watching;
using KisFeed.Wire;

namespace KisFeed.Cli.Recording;

/// <summary>How a recording is getting on as JSON, an object a line.</summary>
internal sealed class JsonRecording(CommandHost host) : IRecordingOutput
{
    private readonly JsonLines _lines = new(host.Output);
    private readonly RateMeter _rate = new(host.Time);

    public async ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
    {
        var json = _lines.Begin();
        json.WriteString("at", TimeText.Utc(host.Time.GetUtcNow()));
        json.WriteNumber("received", status.Received);
        json.WriteNumber("flushed", status.Flushed);
        json.WriteNumber("waiting", status.Waiting);
        json.WriteNumber("dropped", status.Dropped);
        json.WriteNumber("gaps", status.Gaps);
        json.WriteNumber("malformed", status.Malformed);
        json.WriteNumber("withheld", status.Withheld);
        json.WriteNumber("bytes", status.Bytes);
        json.WriteNumber("rate", Math.Round(_rate.Sample(status.Received), 1));
        json.WriteNumber("files", status.Files);
        json.WriteNumber("lostFiles", status.LostFiles);
        json.WriteNumber("failures", status.Failures);
        if (status.Problem is { } problem)
        {
            json.WriteString("problem", problem);
            json.WriteString("problemSince", TimeText.Utc(status.ProblemSince!.Value));
        }

        if (status.HasEnded)
        {
            json.WriteNumber("lost", status.Lost);
            json.WriteBoolean("ended", true);
        }

        WriteSessions(json, sessions);
        _lines.End();
        await _lines.FlushAsync(CancellationToken.None);
    }

    public ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions) => ShowAsync(status, sessions);

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void WriteSessions(Utf8JsonWriter json, IReadOnlyList<SessionStatus> sessions)
    {
        json.WriteStartArray("sessions");
        foreach (var session in sessions)
        {
            json.WriteStartObject();
            json.WriteString("name", session.Name);
            json.WriteString("phase", session.Phase.ToString().ToLowerInvariant());
            json.WriteNumber("desired", session.Desired);
            json.WriteNumber("confirmed", session.Confirmed);
            if (session.Problem is { } problem)
                json.WriteString("problem", problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
