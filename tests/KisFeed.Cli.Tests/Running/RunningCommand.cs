namespace KisFeed.Cli.Tests.Running;

/// <summary>A command that runs in this process in the background.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private const int MaxReported = 2000;


    private readonly CancellationTokenSource _cancellation = new();
    private readonly Transcript _output = new();
    private readonly Transcript _error = new();
    private readonly StreamWriter _errorWriter;
    private readonly Task<int> _running;

    private RunningCommand(ReconnectPolicy policy, IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        _errorWriter =
            new StreamWriter(_error, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = _output,
            Error = TextWriter.Synchronized(_errorWriter),
            Variable = name => variables.GetValueOrDefault(name),
            Reconnect = policy,
        };
        _running = Task.Run(() => CommandLine.RunAsync(arguments, host, _cancellation.Token));
    }

    public string Output => _output.Text;

    public string Error => _error.Text;

    private string Report => $"{Error}{(Output.Length <= MaxReported ? Output : $"… {Output[^MaxReported..]}")}";

    public static RunningCommand Start(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        new(QuickReconnect.Policy, variables, arguments);

    public static RunningCommand Start(ReconnectPolicy policy, IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        new(policy, variables, arguments);

    /// <summary>Waits until the output satisfies a condition.</summary>
    public Task WaitForOutputAsync(Func<string, bool> condition) => UntilAsync(_output, condition);

    /// <summary>Waits until standard error contains a text.</summary>
    public Task WaitForErrorAsync(string text) => UntilAsync(_error, error => error.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until the command ends.</summary>
    public async Task<CommandRun> EndAsync()
    {
        var code = await _running.WaitAsync(Patience.Limit);
        return new CommandRun(code, Output, Error);
    }

    /// <summary>Ends the command like Ctrl-C.</summary>
    public async Task<CommandRun> InterruptAsync()
    {
        await _cancellation.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        await ((Task)_running).WaitAsync(Patience.Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _errorWriter.DisposeAsync();
        await _output.DisposeAsync();
        _cancellation.Dispose();
    }

    private async Task UntilAsync(Transcript transcript, Func<string, bool> condition)
    {
        try
        {
            var satisfied = transcript.UntilAsync(condition);
            await Task.WhenAny(satisfied, _running).WaitAsync(Patience.Limit);
            if (!satisfied.IsCompleted && !condition(transcript.Text))
                throw new InvalidOperationException($"the command ended before:\n{Report}");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"it did not come:\n{Report}", e);
        }
    }
}
