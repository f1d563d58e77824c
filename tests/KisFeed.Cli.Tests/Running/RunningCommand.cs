using System.Text;
using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Tests.Running;

/// <summary>The command while it runs within this process, for tests in which something happens meanwhile.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private const int MostToReport = 2000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly Transcript _output = new();
    private readonly Transcript _error = new();
    private readonly StreamWriter _errorWriter;
    private readonly Task<int> _running;

    private RunningCommand(IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        _errorWriter = new StreamWriter(_error, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
        var host = new CommandHost { Input = Stream.Null, Output = _output, Error = TextWriter.Synchronized(_errorWriter), Variable = name => variables.GetValueOrDefault(name), Reconnect = QuickReconnect.Policy };
        _running = Task.Run(() => CommandLine.RunAsync(arguments, host, _cancellation.Token));
    }

    public string Output => _output.Text;

    public string Error => _error.Text;

    private string Report => $"{Error}{(Output.Length <= MostToReport ? Output : $"… {Output[^MostToReport..]}")}";

    public static RunningCommand Start(IReadOnlyDictionary<string, string> variables, params string[] arguments) => new(variables, arguments);

    /// <summary>Waits until the output is as wanted.</summary>
    public Task UntilOutputAsync(Func<string, bool> wanted) => UntilAsync(_output, wanted);

    /// <summary>Waits until people have been told something.</summary>
    public Task UntilErrorAsync(string text) => UntilAsync(_error, error => error.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until the command ends by itself.</summary>
    public async Task<CommandRun> EndAsync()
    {
        var code = await _running.WaitAsync(s_limit);
        return new CommandRun(code, Output, Error);
    }

    /// <summary>Ends the command, as Ctrl-C does.</summary>
    public async Task<CommandRun> InterruptAsync()
    {
        await _cancellation.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        await ((Task)_running).WaitAsync(s_limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _errorWriter.DisposeAsync();
        await _output.DisposeAsync();
        _cancellation.Dispose();
    }

    private async Task UntilAsync(Transcript transcript, Func<string, bool> wanted)
    {
        try
        {
            var isSo = transcript.UntilAsync(wanted);
            await Task.WhenAny(isSo, _running).WaitAsync(s_limit);
            if (!isSo.IsCompleted && !wanted(transcript.Text))
                throw new InvalidOperationException($"the command ended before:\n{Report}");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"it did not come:\n{Report}", e);
        }
    }
}
