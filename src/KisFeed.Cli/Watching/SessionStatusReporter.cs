namespace KisFeed.Cli.Watching;

/// <summary>
/// Creates messages about sessions: connection lost, attempt failed, connected again. Each is reported once, whatever the number of
/// subscriptions. A connection that succeeds at the first attempt is not reported. A loss that was over before its status arrived is
/// reported with the connection that followed.
/// </summary>
internal sealed class SessionStatusReporter(TimeProvider time, int count)
{
    private readonly Dictionary<string, SessionStatus> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Outage> _outages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _connections = new(StringComparer.Ordinal);

    /// <summary>Reports the sessions of a client until it is cancelled, which is the normal end.</summary>
    public static async Task RunAsync(
        CommandHost host, KisFeedClient client, Action<StatusMessage> show, CancellationToken cancellationToken)
    {
        var reporter = new SessionStatusReporter(host.Time, client.Sessions.Count);
        try
        {
            await foreach (var status in client.WatchSessionsAsync(cancellationToken))
                Report(status);
        }
        catch (OperationCanceledException)
        {
            // What happened just before the end.
            foreach (var status in client.Sessions)
                Report(status);
        }

        void Report(SessionStatus status)
        {
            if (reporter.Update(status) is { } message)
                show(message);
        }
    }

    /// <summary>Processes the status of a session and returns a message for people; <see langword="null"/> if nothing changed.</summary>
    public StatusMessage? Update(SessionStatus status)
    {
        _sessions.TryGetValue(status.Name, out var before);
        _sessions[status.Name] = status;
        return status.Phase switch
        {
            SessionPhase.Waiting when status.NextAttemptAt is { } next => Lost(status, next),
            SessionPhase.Open when status.Confirmed > 0 || status.Desired == 0 => Recovered(status),
            SessionPhase.Halted when before?.Phase != SessionPhase.Halted => Halted(status),
            _ => null,
        };
    }

    private StatusMessage? Lost(SessionStatus status, DateTimeOffset next)
    {
        _outages.TryGetValue(status.Name, out var outage);
        if (outage is not null && outage.Connections == status.Connections && outage.Failures == status.Failures)
            return null;
        var hasConnected = status.Connections > (outage?.Connections ?? 0);
        _outages[status.Name] = new Outage(outage?.Since ?? time.GetTimestamp(), status.Connections, status.Failures);
        var what = hasConnected ? UiText.Of("connection lost", "연결이 끊겼습니다") : UiText.Of("no connection", "접속하지 못했습니다");
        return new StatusMessage($"{NameOf(status)}{what}: {LibraryText.Of(status.Problem?.TrimEnd('.') ?? "")}", next);
    }

    // The server opens a session before it refuses it; only a confirmed registration shows that the session is accepted.
    private StatusMessage? Recovered(SessionStatus status)
    {
        var earlier = _connections.GetValueOrDefault(status.Name, 1);
        _connections[status.Name] = status.Connections;
        if (!_outages.Remove(status.Name, out var outage))
        {
            return status.Connections > earlier ? new StatusMessage(UiText.Of(
                $"{NameOf(status)}connected again after a lost connection",
                $"{NameOf(status)}끊겼다가 다시 연결되었습니다")) : null;
        }
        var seconds = time.GetElapsedTime(outage.Since).TotalSeconds;
        return new StatusMessage(UiText.Of(
            $"{NameOf(status)}{(status.Connections > 1 ? "connected again" : "connected")} after {seconds:0.0} s",
            $"{NameOf(status)}{seconds:0.0}초 만에 {(status.Connections > 1 ? "다시 연결되었습니다" : "연결되었습니다")}"));
    }

    // The end of the last session ends the command, which reports the reason.
    private StatusMessage? Halted(SessionStatus status)
    {
        _outages.Remove(status.Name);
        return _sessions.Values.Count(s => s.Phase == SessionPhase.Halted) == count
            ? null
            : new StatusMessage(UiText.Of(
                $"{NameOf(status)}not reconnecting: {status.Problem}",
                $"{NameOf(status)}더 접속하지 않습니다: {LibraryText.Of(status.Problem ?? "")}"));
    }

    private string NameOf(SessionStatus status) => count > 1 ? UiText.Of($"app key {status.Name}: ", $"앱키 {status.Name}: ") : "";

    private sealed record Outage(long Since, long Connections, int Failures);
}

/// <summary>A message for people about connections and subscriptions.</summary>
internal sealed record StatusMessage(string Text, DateTimeOffset? NextAttemptAt = null)
{
    public void WriteTo(CommandHost host) => host.WriteMessage($"kisfeed: {At(host.Time.GetUtcNow())}");

    /// <summary>Returns the text, with the time left until the next attempt.</summary>
    public string At(DateTimeOffset now)
    {
        if (NextAttemptAt is not { } next)
            return Text;
        var wait = next - now;
        if (wait <= TimeSpan.Zero)
            return UiText.Of($"{Text}; connecting …", $"{Text}. 접속 중 …");
        return wait < TimeSpan.FromSeconds(100)
            ? UiText.Of(
                $"{Text}; next attempt in {Math.Ceiling(wait.TotalSeconds):0} s",
                $"{Text}. {Math.Ceiling(wait.TotalSeconds):0}초 뒤 다시 시도")
            : UiText.Of(
                $"{Text}; next attempt in {Math.Ceiling(wait.TotalMinutes):0} min",
                $"{Text}. {Math.Ceiling(wait.TotalMinutes):0}분 뒤 다시 시도");
    }
}
