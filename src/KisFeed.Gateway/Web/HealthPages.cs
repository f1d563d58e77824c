using System.Collections.Immutable;
using KisFeed.Capture;
using KisFeed.Session;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/healthz</c>: whether this process answers. <c>/readyz</c>: whether data can come, and are recorded where they should be. For supervisors, which have no credentials, so that the answers hold nothing confidential.
/// </summary>
/// <param name="upstream">How the sessions upstream are doing.</param>
/// <param name="completion">Ends when nothing comes any more.</param>
/// <param name="recording">What the recorder does; <see langword="null"/> where nothing is to be recorded.</param>
internal sealed class HealthPages(Func<IReadOnlyList<SessionStatus>> upstream, Task completion, Func<CaptureRecorderStatus?> recording)
{
    /// <summary>The paths of a port for health checks.</summary>
    public static ImmutableArray<string> Paths { get; } = ["/healthz", "/readyz", "/metrics"];

    private static readonly Problem s_lost = new(StatusCodes.Status503ServiceUnavailable, "upstreamLost", "Upstream is lost for good: the gateway has to be started again. /v1/status says why.");

    private static readonly ImmutableArray<SessionPhase> s_phases = [.. Enum.GetValues<SessionPhase>()];

    /// <summary>Whether data can come and be recorded: a session is open, or none is needed and nothing went wrong with it, and the recorder, if any, can write.</summary>
    public bool IsReady => FindProblem() is null;

    public static Task AnswerHealthAsync(HttpContext context) => WebAnswer.WriteTextAsync(context, "ok\n");

    public Task AnswerReadinessAsync(HttpContext context) => FindProblem() is { } problem ? problem.WriteAsync(context) : WebAnswer.WriteTextAsync(context, "ready\n");

    private Problem? FindProblem()
    {
        if (completion.IsCompleted)
            return s_lost;
        if (!upstream().Any(IsReadySession))
            return new Problem(StatusCodes.Status503ServiceUnavailable, "upstreamNotReady", $"No session upstream is ready: {Describe()}. /v1/status says why.");
        return recording() is { } recorder && (recorder.Problem is not null || recorder.HasEnded) ? NotRecording(recorder) : null;
    }

    private static Problem NotRecording(CaptureRecorderStatus recorder) =>
        new(StatusCodes.Status503ServiceUnavailable, "notRecording", $"What should be recorded is not: {recorder.ProblemSummary ?? "the recorder has ended"}. /v1/status says more.");

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
