using KisFeed.Capture;
using KisFeed.PostgreSql;

namespace KisFeed.Cli.Storing;

/// <summary>
/// Shows the status of a sink until its end. The sink handles failures of the database and the capture; this class reports them.
/// </summary>
internal sealed class SinkSession(CommandHost host, PostgreSqlSink sink, Output<RecordingSinkStatus> output)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly SinkStatusReporter _reporter = new(host.Time);

    /// <summary>Starts a sink. Options that are not valid are named as those of the command.</summary>
    public static PostgreSqlSink Start(PostgreSqlSinkOptions options)
    {
        try
        {
            return PostgreSqlSink.Start(options);
        }
        catch (ArgumentException e)
        {
            throw new CommandException(SinkText.Of(e), e);
        }
    }

    /// <summary>Runs until the sink has ended, or is stopped by cancellation.</summary>
    /// <returns>The final status, and whether the sink ended by itself.</returns>
    public async Task<(RecordingSinkStatus Status, bool IsComplete)> RunAsync(CancellationToken cancellationToken)
    {
        while (!sink.Completion.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            var status = sink.Status;
            if (!status.HasEnded)
            {
                Report(status);
                output.Write(status);
                await output.FlushAsync(CancellationToken.None);
            }

            await Task.WhenAny(sink.Completion, Task.Delay(s_interval, host.Time, cancellationToken));
        }

        var isComplete = sink.Completion.IsCompleted;
        var end = await sink.StopAsync();
        if (!sink.Completion.IsFaulted)
            Report(end);
        output.Write(end);
        await output.FlushAsync(CancellationToken.None);
        try
        {
            await sink.Completion;
        }
        catch (PostgreSqlSinkException e)
        {
            throw new CommandException(SinkText.Of(e.Message), SinkText.ExitCodeOf(e));
        }

        return (end, isComplete);
    }

    private void Report(RecordingSinkStatus status)
    {
        if (_reporter.Update(status) is { } message)
            host.WriteMessage($"kisfeed: {message}");
    }
}

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
