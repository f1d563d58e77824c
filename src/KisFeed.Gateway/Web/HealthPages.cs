using System.Collections.Immutable;
using KisFeed.Session;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/healthz</c>: whether this process answers. <c>/readyz</c>: whether data can come. For supervisors, which have no credentials, and so with nothing in them that is not everybody's.
/// </summary>
/// <param name="upstream">How the sessions upstream are doing.</param>
/// <param name="completion">Ends when nothing comes any more.</param>
internal sealed class HealthPages(Func<IReadOnlyList<SessionStatus>> upstream, Task completion)
{
    private static readonly ImmutableArray<SessionPhase> s_phases = [.. Enum.GetValues<SessionPhase>()];

    /// <summary>Whether data can come: a session is open, or none is needed and nothing went wrong with it.</summary>
    public bool IsReady => !completion.IsCompleted && upstream().Any(IsReadySession);

    public static Task AnswerHealthAsync(HttpContext context) => WebAnswer.WriteTextAsync(context, "ok\n");

    public Task AnswerReadinessAsync(HttpContext context) => IsReady
        ? WebAnswer.WriteTextAsync(context, "ready\n")
        : new Problem(StatusCodes.Status503ServiceUnavailable, "upstreamNotReady", $"No session upstream is ready: {Describe()}. /v1/status says why.").WriteAsync(context);

    private static bool IsReadySession(SessionStatus session) =>
        session.Phase == SessionPhase.Open || session is { Phase: SessionPhase.Idle, Failures: 0, Problem: null };

    private string Describe()
    {
        var sessions = upstream();
        return string.Join(", ", s_phases.Select(phase => (phase, count: sessions.Count(s => s.Phase == phase))).Where(p => p.count > 0).Select(p => $"{p.count} {WordOf(p.phase)}"));
    }

    private static string WordOf(SessionPhase phase) => phase switch
    {
        SessionPhase.Idle => "idle after a failure",
        SessionPhase.Waiting => "waiting for the next attempt",
        SessionPhase.Connecting => "connecting",
        SessionPhase.Halted => "given up",
        SessionPhase.Ended => "ended",
        _ => "open, but the gateway has failed",
    };
}
