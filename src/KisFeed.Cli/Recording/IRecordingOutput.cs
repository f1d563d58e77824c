using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Recording;

/// <summary>Shows the status of a recording.</summary>
internal interface IRecordingOutput : IAsyncDisposable
{
    /// <summary>Shows the status after a write, after a write error, or when a second has passed.</summary>
    ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions);

    /// <summary>Shows the final status.</summary>
    ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions);
}

/// <summary>Writes the status of a recording for people.</summary>
internal sealed class TextRecording : IRecordingOutput
{
    private readonly ProgressLine _line;
    private readonly RateMeter _rate;
    private readonly string _folder;
    private readonly Func<string, string?> _freeSpace;

    /// <summary>Creates the output.</summary>
    /// <param name="host">The host.</param>
    /// <param name="folder">The folder of the recording.</param>
    /// <param name="freeSpace">Returns the free space on the disk of a folder; replaced in tests.</param>
    public TextRecording(CommandHost host, string folder, Func<string, string?>? freeSpace = null)
    {
        _freeSpace = freeSpace ?? DiskSpace.Of;
        _line = new ProgressLine(host);
        _rate = new RateMeter(host.Time);
        _folder = folder;
    }

    public ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
    {
        var rate = _rate.Sample(status.Received);
        return _line.ShowAsync(() => PartsOf(status, sessions, rate));
    }

    public ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions) => _line.EndAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"recorded {status.Flushed:N0} frames, {ByteSize.Text(status.Bytes)}, into {status.Files} {(status.Files == 1 ? "file" : "files")} in {_folder}; {status.Dropped:N0} dropped, {status.Gaps:N0} gaps{(status.Lost > 0 ? $", {status.Lost:N0} LOST at the end" : "")}"));

    public ValueTask DisposeAsync() => _line.DisposeAsync();

    private List<string> PartsOf(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions, double rate)
    {
        List<string> parts = status.Problem is null ? [] : ["NOT WRITTEN"];
        parts.Add(SessionText.Of(sessions));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Gaps:N0} gaps"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Dropped:N0} dropped"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Flushed:N0} frames"));
        parts.Add(ByteSize.Text(status.Bytes));
        if (_freeSpace(_folder) is { } free)
            parts.Add(free);
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Waiting:N0} waiting"));
        return parts;
    }
}

/// <summary>Writes the status of a recording as JSON, one object per line.</summary>
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
            if (session.ProblemSince is { } since)
                json.WriteString("problemSince", TimeText.Utc(since));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

/// <summary>Wraps an output so that recording continues when it can no longer be written.</summary>
internal sealed class BestEffortOutput(CommandHost host, IRecordingOutput output) : IRecordingOutput
{
    private readonly BestEffortWriter _writer = new(host, "the status of the recording", "the recording itself");

    public ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions) => _writer.TryAsync(() => output.ShowAsync(status, sessions));

    public ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions) => _writer.TryAsync(() => output.EndAsync(status, sessions));

    public ValueTask DisposeAsync() => _writer.TryAsync(output.DisposeAsync);
}
