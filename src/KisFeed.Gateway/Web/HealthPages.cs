using System.Collections.Immutable;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/healthz</c>: whether this process responds. <c>/readyz</c>: whether data can arrive, and are recorded if they should be. Supervisors
/// have no credentials, so the responses contain nothing confidential.
/// </summary>
internal sealed class HealthPages(Upstream upstream, Func<GatewayCluster>? cluster, AccessControl access)
{
    /// <summary>The paths that are served on the health port.</summary>
    public static ImmutableArray<string> Paths { get; } = ["/healthz", "/readyz", "/metrics"];

    private static readonly Problem s_tokens = new(
        StatusCodes.Status503ServiceUnavailable,
        "tokenFileUnusable",
        "The token file cannot be used, so nobody may connect. The gateway's log says why.");

    private static readonly ImmutableArray<SessionPhase> s_phases = [.. Enum.GetValues<SessionPhase>()];

    /// <summary>
    /// Whether data can arrive and be recorded: a session is open, or none is needed and none has failed, or the gateway is a standby that
    /// can take over; and the recorder, if any, can write.
    /// </summary>
    public bool IsReady => FindProblem() is null;

    public static IResult Health(HttpContext context) => WebAnswer.Text("ok\n");

    public IResult Readiness(HttpContext context) => FindProblem() ?? (IResult)WebAnswer.Text(ReadyText);

    // Consumers get all data and the capture has it, so a sink or publisher that fails does not make the gateway unready.
    private string ReadyText
    {
        get
        {
            var text = upstream.Sink?.Status is { IsStoring: false }
                ? "ready\nthe sink of the recording is not storing: /v1/status has details\n"
                : "ready\n";
            if (upstream.Publisher?.Status is { IsPublishing: false })
                text += "the publisher is not publishing: /v1/status has details\n";
            return IsReadyStandby ? text + "standby: other gateways hold its app keys\n" : text;
        }
    }

    // Its sessions wait for their leases, so none is open.
    private bool IsReadyStandby => cluster?.Invoke().IsReadyStandby == true;

    private Problem? FindProblem()
    {
        if (upstream.Hub.Completion.IsCompleted)
        {
            return new Problem(StatusCodes.Status503ServiceUnavailable, "upstreamLost", "The upstream session has ended "
                + $"permanently{Reason()}. Correct the cause, and restart the gateway. /v1/status has details.");
        }
        if (!access.HasUsableTokens)
            return s_tokens;
        if (!upstream.Frames.Sessions.Any(IsReadySession) && !IsReadyStandby)
        {
            return new Problem(
                StatusCodes.Status503ServiceUnavailable,
                "upstreamNotReady",
                $"No upstream session is ready: {Describe()}{Reason()}. /v1/status has details.");
        }
        return upstream.Recorder?.Status is { IsWriting: false } recorder ? NotRecording(recorder) : null;
    }

    private static Problem NotRecording(CaptureRecorderStatus recorder) =>
        new(
            StatusCodes.Status503ServiceUnavailable,
            "notRecording",
            $"The gateway is not recording: {recorder.ProblemSummary ?? "the recorder has ended"}. /v1/status has details.");

    private static bool IsReadySession(SessionStatus session) =>
        session.Phase == SessionPhase.Open || session is { Phase: SessionPhase.Idle, Failures: 0, Problem: null };

    private string Describe()
    {
        var sessions = upstream.Frames.Sessions;
        return string.Join(
            ", ",
            s_phases.Select(phase => (phase, count: sessions.Count(s => s.Phase == phase))).Where(p => p.count > 0)
                .Select(p => $"{p.count} {NameOf(p.phase)}"));
    }

    // Of the session that has not worked for the longest time.
    private string Reason() =>
        upstream.Frames.Sessions.Where(s => s.ProblemSince is not null).MinBy(s => s.ProblemSince) is { ProblemSince: { } since } session
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", since {KoreaTime.From(since):yyyy-MM-dd'T'HH:mm:sszzz}{(session.ProblemSummary is { } summary ? $": {summary}" : "")}")
            : "";

    private static string NameOf(SessionPhase phase) => phase switch
    {
        SessionPhase.Idle => "idle after a failure",
        SessionPhase.Waiting => "waiting for the next attempt",
        SessionPhase.Connecting => "connecting",
        SessionPhase.Halted => "halted",
        SessionPhase.Ended => "ended",
        _ => "open, but the gateway has failed",
    };
}
