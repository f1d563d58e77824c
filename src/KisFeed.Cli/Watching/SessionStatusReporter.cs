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
        return new StatusMessage(
            $"{NameOf(status)}{(hasConnected ? "connection lost" : "no connection")}: {status.Problem?.TrimEnd('.')}", next);
    }

    // The server opens a session before it refuses it; only a confirmed registration shows that the session is accepted.
    private StatusMessage? Recovered(SessionStatus status)
    {
        var earlier = _connections.GetValueOrDefault(status.Name, 1);
        _connections[status.Name] = status.Connections;
        if (!_outages.Remove(status.Name, out var outage))
            return status.Connections > earlier ? new StatusMessage($"{NameOf(status)}connected again after a lost connection") : null;
        var seconds = time.GetElapsedTime(outage.Since).TotalSeconds;
        var connected = status.Connections > 1 ? "connected again" : "connected";
        return new StatusMessage($"{NameOf(status)}{connected} after {seconds:0.0} s");
    }

    // The end of the last session ends the command, which reports the reason.
    private StatusMessage? Halted(SessionStatus status)
    {
        _outages.Remove(status.Name);
        return _sessions.Values.Count(s => s.Phase == SessionPhase.Halted) == count
            ? null
            : new StatusMessage($"{NameOf(status)}not reconnecting: {status.Problem}");
    }

    private string NameOf(SessionStatus status) => count > 1 ? $"app key {status.Name}: " : "";

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
            return $"{Text}; connecting …";
        return wait < TimeSpan.FromSeconds(100)
            ? $"{Text}; next attempt in {Math.Ceiling(wait.TotalSeconds):0} s"
            : $"{Text}; next attempt in {Math.Ceiling(wait.TotalMinutes):0} min";
    }
}
