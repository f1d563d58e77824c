using System.Globalization;
using KisFeed.Wire;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KisFeed.Hosting;

/// <summary>Reports the health of a client. Contains no secret and no key.</summary>
internal sealed class KisFeedHealthCheck(
    IKisFeedClient client, HostedFeeds feeds, KisFeedHealthOptions options, TimeProvider time) : IHealthCheck
{
    private readonly Lock _gate = new();

    // Since when each session has been connected without data, by its name and connection.
    private readonly Dictionary<(string Name, long Connection), DateTimeOffset> _withoutData = [];

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var sessions = client.Sessions;
        var registrations = client.Registrations;
        List<string> halted = [.. sessions.Where(IsOver).Select(s => $"{NameOf(s)} has ended: {s.ProblemSummary ?? s.Phase.ToString()}")];
        List<string> degraded = [.. sessions.Select(ProblemOf).OfType<string>()];
        var unconfirmed = registrations.Count(r => r is { IsDesired: true, IsConfirmed: false });
        if (unconfirmed > 0)
            degraded.Add($"{unconfirmed} registrations are not confirmed");
        string[] failed = [.. feeds.Failed.Keys.Order(StringComparer.Ordinal)];
        if (failed.Length > 0)
            degraded.Add($"{failed.Length} subscriptions failed: {string.Join(", ", failed)}");
        var data = DataOf(sessions, registrations);
        var result = halted.Count == sessions.Count && sessions.Count > 0
            ? new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", halted), data: data)
            : halted.Count + degraded.Count > 0
                ? HealthCheckResult.Degraded(string.Join("; ", halted.Concat(degraded)), data: data)
                : HealthCheckResult.Healthy("all sessions are connected and all registrations confirmed", data);
        return Task.FromResult(result);
    }

    private static bool IsOver(SessionStatus session) => session.Phase is SessionPhase.Halted or SessionPhase.Ended;

    // Without registrations there is no connection.
    private string? ProblemOf(SessionStatus session)
    {
        if (IsOver(session) || session is { Phase: SessionPhase.Idle, Desired: 0 })
            return null;
        if (session.Phase != SessionPhase.Open)
        {
            var attempt = session.NextAttemptAt is { } at ? $", next attempt at {KoreaTimeText.Format(at)}" : "";
            return session.IsStandby
                ? $"{NameOf(session)} is on standby"
                : $"{NameOf(session)} is not connected: {session.ProblemSummary ?? session.Phase.ToString()}{attempt}";
        }

        if (options.MaxSilence is not { } limit || session.Confirmed == 0)
            return null;
        var silence = time.GetUtcNow() - (session.LastDataAt ?? WithoutDataSince(session));
        return silence > limit ? $"{NameOf(session)} has had no data for {silence.TotalSeconds:0} s" : null;
    }

    private DateTimeOffset WithoutDataSince(SessionStatus session)
    {
        lock (_gate)
        {
            if (!_withoutData.TryGetValue((session.Name, session.Connections), out var since))
            {
                foreach (var earlier in _withoutData.Keys.Where(key => key.Name == session.Name).ToArray())
                    _withoutData.Remove(earlier);
                _withoutData.Add((session.Name, session.Connections), since = time.GetUtcNow());
            }

            return since;
        }
    }

    private static string NameOf(SessionStatus session) => $"session {session.Name}";

    private static Dictionary<string, object> DataOf(
        IReadOnlyList<SessionStatus> sessions, IReadOnlyList<RegistrationStatus> registrations)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["registrations"] = registrations.Count(r => r.IsDesired),
            ["confirmed"] = registrations.Count(r => r is { IsDesired: true, IsConfirmed: true }),
        };
        foreach (var session in sessions)
        {
            var last = session.LastDataAt is { } at ? $", last data {KoreaTimeText.Format(at)}" : "";
            data[NameOf(session)] = string.Create(
                CultureInfo.InvariantCulture, $"{session.Phase}, {session.Confirmed} of {session.Slots} slots in use{last}");
        }

        return data;
    }
}

/// <summary>When a client is healthy. Immutable; make changed copies with <c>with</c>.</summary>
public sealed record KisFeedHealthOptions
{
    /// <summary>
    /// How long a connected session with registrations may receive no data before it is degraded. Heartbeats are not data. Outside trading
    /// hours nothing arrives, so a limit is useful only for feeds that never pause. Default: <see langword="null"/>, no limit.
    /// </summary>
    public TimeSpan? MaxSilence { get; init; }
}
