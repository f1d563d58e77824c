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
