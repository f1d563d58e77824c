using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace KisFeed.TestSupport;

/// <summary>A process whose output is collected. It is killed on disposal.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private const int ShownOutput = 4_000;

    private static readonly TimeSpan s_signalLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly string _name;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _written = NewSignal();

    private RunningProcess(Process process, string name)
    {
        _process = process;
        _name = name;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public StreamWriter Input => _process.StandardInput;

    public string Output => Copy(_output);

    public string Errors => Copy(_errors);

    /// <summary>The output with <see cref="ProcessOptions.HasRawOutput"/>.</summary>
    public StreamReader RawOutput => _process.StandardOutput;

    /// <summary>The name of the process and the end of its output, for the message of a failure.</summary>
    public string Report => $"{_name}\n{End(Output)}\n{End(Errors)}";

    /// <summary>The processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    internal static RunningProcess Start(ProcessStartInfo start, ProcessOptions options)
    {
        var process = new Process { StartInfo = start };
        var running = new RunningProcess(process, options.Name ?? $"{start.FileName} {string.Join(' ', start.ArgumentList)}");
        process.OutputDataReceived += (_, e) => running.OnOutput(e.Data);
        process.ErrorDataReceived += (_, e) => running.OnError(e.Data, options.OnError);
        process.Start();
        process.BeginErrorReadLine();
        if (!options.HasRawOutput)
            process.BeginOutputReadLine();
        return running;
    }

    /// <summary>
    /// Memory in bytes: <c>VmRSS</c>, <c>RssAnon</c> without mapped files, <c>VmHWM</c> for the peak. 0 on systems without /proc.
    /// </summary>
    public long Memory(string name)
    {
        var file = $"/proc/{Id}/status";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null
            ? 0
            : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a line to the input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await Input.WriteLineAsync(line);
        await Input.FlushAsync();
    }

    /// <summary>Reads the next line of output.</summary>
    /// <exception cref="InvalidOperationException">The output ended, or no line was written within the limit.</exception>
    public async Task<string> ReadLineAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        if (await TryReadLineAsync(limit, cancellationToken) is { } line)
            return line;
        // The errors may end after the output.
        if (_lines.Reader.Completion.IsCompleted)
            await TryWaitForExitAsync(s_endLimit, cancellationToken);
        throw Failure("the process wrote no further line");
    }

    /// <summary>Reads the next line of output; <see langword="null"/> at the end or after the limit.</summary>
    public async Task<string?> TryReadLineAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        using var timeout = Timeout(limit, cancellationToken);
        try
        {
            return await _lines.Reader.WaitToReadAsync(timeout.Token) && _lines.Reader.TryRead(out var line) ? line : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits until the output or the errors contain a text.</summary>
    /// <exception cref="InvalidOperationException">The process ended without the text, or did not write it within the limit.</exception>
    public async Task WaitForTextAsync(string text, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        var exit = _process.WaitForExitAsync(timeout.Token);
        while (true)
        {
            var written = Volatile.Read(ref _written).Task;
            if (Output.Contains(text, StringComparison.Ordinal) || Errors.Contains(text, StringComparison.Ordinal))
                return;
            // All output has been read before the end of the process is reported.
            if (exit.IsCompleted)
                throw Failure($"the process did not write '{text}'");
            await Task.WhenAny(written, exit);
        }
    }

    /// <summary>Waits for the end of the process and of its output, and returns the exit code.</summary>
    /// <exception cref="InvalidOperationException">It did not end within the limit.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan limit, CancellationToken cancellationToken = default) =>
        await TryWaitForExitAsync(limit, cancellationToken) ? _process.ExitCode : throw Failure($"the process did not end within {limit}");

    /// <summary>Waits for the end of the process and of its output.</summary>
    /// <returns>Whether it ended within the limit.</returns>
    public async Task<bool> TryWaitForExitAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        using var timeout = Timeout(limit, cancellationToken);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Sends a signal, e.g. <c>INT</c> for Ctrl-C.</summary>
    public Task SignalAsync(string signal) =>
        ProcessRunner.RunAsync("/bin/bash", ["-c", $"kill -{signal} {Id.ToString(CultureInfo.InvariantCulture)}"], s_signalLimit);

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

    /// <summary>An error with the name of the process and the end of its output.</summary>
    internal InvalidOperationException Failure(string problem) =>
        new($"{problem}{(HasExited ? string.Create(CultureInfo.InvariantCulture, $" (exit code {_process.ExitCode})") : "")}: {Report}");

    private static CancellationTokenSource Timeout(TimeSpan limit, CancellationToken cancellationToken)
    {
        var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        return timeout;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string End(string text) => text.Length > ShownOutput ? $"…{text[^ShownOutput..]}" : text;

    private static string Copy(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    // Null marks the end.
    private void OnOutput(string? line)
    {
        Append(_output, line);
        if (line is null)
            _lines.Writer.TryComplete();
        else
            _lines.Writer.TryWrite(line);
    }

    private void OnError(string? line, Action<string>? handler)
    {
        if (handler is null)
            Append(_errors, line);
        else if (line is not null)
            handler(line);
    }

    private void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
        Interlocked.Exchange(ref _written, NewSignal()).TrySetResult();
    }
}
