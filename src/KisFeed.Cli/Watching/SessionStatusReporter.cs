using System.Globalization;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;
using KisFeed.Session;

namespace KisFeed.Cli.Watching;

/// <summary>
/// Says in words what becomes of the sessions: that one is lost, that an attempt failed, that it stands again. Each is said once, whatever the
/// number of subscriptions, and what goes well from the start is not said at all.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="count">How many sessions there are.</param>
internal sealed class SessionStatusReporter(TimeProvider time, int count)
{
    private readonly Dictionary<string, SessionStatus> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);

    /// <summary>Takes the status of a session, and gives what is new in it for people; <see langword="null"/> where nothing is.</summary>
    public StatusMessage? Take(SessionStatus status)
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
        _troubles.TryGetValue(status.Name, out var trouble);
        if (trouble is not null && trouble.Connections == status.Connections && trouble.Failures == status.Failures)
            return null;
        var stoodSince = status.Connections > (trouble?.Connections ?? 0);
        _troubles[status.Name] = new Trouble(trouble?.Since ?? time.GetTimestamp(), status.Connections, status.Failures);
        return new StatusMessage($"{NameOf(status)}{(stoodSince ? "connection lost" : "no connection")}: {status.Problem?.TrimEnd('.')}", next);
    }

    // A session that the server refuses opens first; only a registration tells that it is accepted.
    private StatusMessage? Recovered(SessionStatus status)
    {
        if (!_troubles.Remove(status.Name, out var trouble))
            return null;
        var seconds = time.GetElapsedTime(trouble.Since).TotalSeconds;
        var connected = status.Connections > 1 ? "connected again" : "connected";
        return new StatusMessage(string.Create(CultureInfo.InvariantCulture, $"{NameOf(status)}{connected} after {seconds:0.0} s"));
    }

    // The end of the last session is the end of the command, which gives it as the reason.
    private StatusMessage? Halted(SessionStatus status)
    {
        _troubles.Remove(status.Name);
        return _sessions.Values.Count(s => s.Phase == SessionPhase.Halted) == count ? null : new StatusMessage($"{NameOf(status)}no further attempt to connect: {status.Problem}");
    }

    private string NameOf(SessionStatus status) => count > 1 ? $"app key {status.Name}: " : "";

    private sealed record Trouble(long Since, long Connections, int Failures);
}

/// <summary>Tells people what becomes of a gateway's own session: its consumers' connections stand meanwhile, and tell of nothing.</summary>
/// <param name="time">The clock.</param>
/// <param name="server">The gateway.</param>
/// <param name="area">Where people are told.</param>
internal sealed class UpstreamStatusReporter(TimeProvider time, GatewayServer server, StatusArea area)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250); // Below the shortest delay before a session is made anew, so that no loss is missed.

    private readonly SessionStatusReporter _reporter = new(time, server.Status.Upstream.Count);

    /// <summary>Goes on until it is cancelled, which is its ordinary end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The end of the demo.
        }
    }

    private void Look()
    {
        foreach (var status in server.Status.Upstream)
        {
            if (_reporter.Take(status) is { } message)
                area.Show(message);
        }
    }
}

/// <summary>Where people are told things: on standard error, or below the live table, which a line from elsewhere would tear.</summary>
internal sealed class StatusArea(CommandHost host, ITickOutput output)
{
    /// <summary>Shows a bulletin.</summary>
    public void Show(StatusMessage message)
    {
        var live = output as LiveTicks;
        live?.Show(message);
        if (live is null || !host.ErrorIsTerminal)
            host.Tell($"kisfeed: {message.At(host.Time.GetUtcNow())}");
    }
}

/// <summary>Something that people should know of connections and subscriptions.</summary>
/// <param name="Text">What has happened.</param>
/// <param name="NextAttemptAt">When it is attempted to connect again, while that is waited for.</param>
internal sealed record StatusMessage(string Text, DateTimeOffset? NextAttemptAt = null)
{
    /// <summary>The whole text, as it reads at a moment.</summary>
    public string At(DateTimeOffset now)
    {
        if (NextAttemptAt is not { } next)
            return Text;
        var wait = next - now;
        if (wait <= TimeSpan.Zero)
            return $"{Text}; connecting …";
        return wait < TimeSpan.FromSeconds(100)
            ? string.Create(CultureInfo.InvariantCulture, $"{Text}; next attempt in {Math.Ceiling(wait.TotalSeconds):0} s")
            : string.Create(CultureInfo.InvariantCulture, $"{Text}; next attempt in {Math.Ceiling(wait.TotalMinutes):0} min");
    }
}
