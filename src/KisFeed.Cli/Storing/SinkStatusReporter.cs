using KisFeed.Capture;

namespace KisFeed.Cli.Storing;

/// <summary>Creates messages about a sink: problems and their end. Each is reported once.</summary>
internal sealed class SinkStatusReporter(TimeProvider time)
{
    private string? _problem;
    private DateTimeOffset _since;
    private long _failures;

    /// <summary>Processes the status of the sink and returns a new message for people, if there is one.</summary>
    public string? Update(RecordingSinkStatus status)
    {
        var (before, hasFailed) = (_problem, status.Failures > _failures);
        (_problem, _failures) = (status.Problem, status.Failures);
        if (status.Problem == before)
            return null;
        if (status.Problem is not { } problem)
        {
            return UiText.Of(
                $"the problem is solved after {(time.GetUtcNow() - _since).TotalSeconds:0.0} s",
                $"{(time.GetUtcNow() - _since).TotalSeconds:0.0}초 만에 문제가 해결되었습니다");
        }
        if (before is null)
            _since = status.ProblemSince ?? time.GetUtcNow();
        var text = SinkText.Of(problem);
        return hasFailed
            ? UiText.Of(
                $"nothing can be stored: {text}; storing is retried until it succeeds, and nothing is lost while the capture keeps its "
                    + "files",
                $"저장할 수 없습니다: {text}. 될 때까지 다시 시도하며, 기록 파일이 남아 있는 동안에는 잃는 것이 없습니다")
            : text;
    }
}
