using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace KisFeed.Cli.Tests.Running;

/// <summary>A process that is killed at the end of the test. Its output is collected.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _written = NewSignal();

    private ChildProcess(Process process) => _process = process;

    public int ExitCode => _process.ExitCode;

    public int Id => _process.Id;

    public string Output => Copy(_output);

    public string Errors => Copy(_errors);

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts the command like a user.</summary>
    public static ChildProcess StartKisFeed(params string[] arguments) =>
        Start("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll"), .. arguments]);

    /// <summary>Starts the command with additional environment variables.</summary>
    public static ChildProcess StartKisFeed(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        Start("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll"), .. arguments], variables);

    /// <summary>Starts a line of shell in which <c>kisfeed</c> is the command.</summary>
    public static ChildProcess StartShell(string line) =>
        Start("/bin/bash", ["-c", $"kisfeed() {{ dotnet exec '{Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll")}' \"$@\"; }}; {line}"]);

    public static ChildProcess Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = StartOf(file, arguments);

        // The configuration of this machine's user must not affect tests.
        start.Environment["KISFEED_CONFIG"] = "none";
        // Most processes live only for seconds, in which tiered PGO does not pay off.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach (var (name, value) in variables ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        return Start(start);
    }

    /// <summary>Starts a program with only the given environment variables and without input.</summary>
    public static ChildProcess StartClean(string file, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string> variables)
    {
        var start = StartOf(file, arguments);
        start.WorkingDirectory = folder;
        start.Environment.Clear();
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var child = Start(start);
        child.Input.Close();
        return child;
    }

    /// <summary>Reads the next line of output; <see langword="null"/> at the end or after a timeout.</summary>
    public async Task<string?> NextLineAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            return await _lines.Reader.WaitToReadAsync(timeout.Token) && _lines.Reader.TryRead(out var line) ? line : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Waits until the output or the errors contain a text.</summary>
    /// <returns>Whether the text appeared before the process ended and before the limit.</returns>
    public async Task<bool> WaitForTextAsync(string text, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        var exit = _process.WaitForExitAsync(timeout.Token);
        while (true)
        {
            var written = Volatile.Read(ref _written).Task;
            if (Output.Contains(text, StringComparison.Ordinal) || Errors.Contains(text, StringComparison.Ordinal))
                return true;
            // All output has been read before the end of the process is reported.
            if (exit.IsCompleted)
                return false;
            await Task.WhenAny(written, exit);
        }
    }

    public async Task<bool> WaitForExitAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends a signal, e.g. <c>INT</c> for Ctrl-C.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/bash", ["-c", $"kill -{signal} {_process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Kills the process (SIGKILL) and waits until it has ended and all output has been read.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartOf(string file, IEnumerable<string> arguments) => new(file, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
        StandardOutputEncoding = Encoding.UTF8,
        StandardErrorEncoding = Encoding.UTF8,
    };

    private static ChildProcess Start(ProcessStartInfo start)
    {
        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, e) => child.OnOutput(e.Data);
        child._process.ErrorDataReceived += (_, e) => child.Append(child._errors, e.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    private void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
        Interlocked.Exchange(ref _written, NewSignal()).TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Copy(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    // Null marks the end of the output.
    private void OnOutput(string? line)
    {
        Append(_output, line);
        if (line is null)
            _lines.Writer.TryComplete();
        else
            _lines.Writer.TryWrite(line);
    }
}
