using KisFeed.Capture;

namespace KisFeed.Cli.Watching;

/// <summary>The status of the connection and of the recording, for the status line of the live table.</summary>
internal sealed class LiveStatus(TimeProvider time, Func<IReadOnlyList<SessionStatus>> sessions)
{
    private static readonly TimeSpan s_diskInterval = TimeSpan.FromSeconds(5);

    private string? _disk;
    private long? _diskReadAt;

    /// <summary>Returns the status of the recording; <see langword="null"/> if nothing is recorded.</summary>
    public Func<CaptureRecorderStatus?>? Recording { get; init; }

    public string? Folder { get; init; }

    public string Connection() => SessionText.Of(sessions());

    public IEnumerable<string> RecordingParts()
    {
        if (Recording?.Invoke() is not { } status || Folder is null)
            yield break;
        yield return status.Problem is null ? $"recorded {status.Flushed:N0}" : "NOT WRITTEN";
        if (status.Dropped > 0)
            yield return $"{status.Dropped:N0} NOT RECORDED";
        if (_diskReadAt is not { } readAt || time.GetElapsedTime(readAt) >= s_diskInterval)
            (_disk, _diskReadAt) = (DiskSpace.Of(Folder), time.GetTimestamp());
        if (_disk is { } disk)
            yield return disk;
    }
}

internal static class SessionText
{
    /// <summary>
    /// Describes whether the sessions are connected, since when and why not (Korea time), and whether the data is simulated or replayed.
    /// </summary>
    public static string Of(IReadOnlyList<SessionStatus> sessions)
    {
        var open = sessions.Count(s => s.Phase == SessionPhase.Open);
        if (sessions.Count == 1 && open == 0)
            return $"NOT connected{ReasonOf(sessions)}";
        var connected = sessions.Count == 1 ? "connected" : $"{open} of {sessions.Count} sessions connected{ReasonOf(sessions)}";
        return sessions.Select(s => s.Source).FirstOrDefault(s => s is not null) switch
        {
            DataSource.Simulation => $"{connected}, simulated",
            DataSource.Replay => $"{connected}, replay",
            _ => connected,
        };
    }

    private static string ReasonOf(IReadOnlyList<SessionStatus> sessions) =>
        sessions.Where(s => s.ProblemSince is not null).MinBy(s => s.ProblemSince) is { ProblemSince: { } since } session
            ? $" since {KoreaTime.From(since):HH:mm:ss}{(session.ProblemSummary is { } summary ? $": {summary}" : "")}"
            : "";
}
