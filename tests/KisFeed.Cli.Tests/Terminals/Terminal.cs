namespace KisFeed.Cli.Tests.Terminals;

/// <summary>A command process on a pseudo-terminal whose screen can be inspected and resized.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly RunningProcess _process;
    private readonly TerminalScreen _screen;
    private readonly Task _reading;

    private Terminal(RunningProcess process, TerminalScreen screen)
    {
        _process = process;
        _screen = screen;
        _reading = ReadAsync();
    }

    public string[] Lines => Look(screen => screen.Lines);

    public string Text => Look(screen => screen.Text);

    /// <summary>Whether the command uses the alternate screen or hides the cursor.</summary>
    public bool UsesScreen => Look(screen => screen.IsAlternate || !screen.IsCursorVisible);

    public static Terminal Start(int columns, int rows, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Terminals", "pseudo_terminal.py");

        // The runner of the tests may set it; empty is the same as not set.
        var environment = new Dictionary<string, string>(variables, StringComparer.Ordinal) { ["NO_COLOR"] = "" };
        var options = new ProcessOptions { Environment = environment, HasRawOutput = true };
        var process = ProcessRunner.Start(
            ProcessRunner.Python,
            [script, Number(columns), Number(rows), .. ProcessRunner.KisFeed, .. arguments],
            options);
        return new Terminal(process, new TerminalScreen(columns, rows));
    }

    /// <summary>Waits until the screen satisfies a condition, and returns it. The next look may find it half drawn.</summary>
    public async Task<string[]> UntilAsync(Func<string[], bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var lines = Lines;
        while (!condition(lines))
        {
            patience.IsCancellationRequested.ShouldBeFalse($"the screen does not satisfy the condition:\n{Text}");
            await Task.WhenAny(Task.Delay(20, CancellationToken.None), _reading);
            var hasEnded = _reading.IsCompleted;
            lines = Lines;
            if (hasEnded)
                condition(lines).ShouldBeTrue($"the command ended first:\n{Text}");
        }

        return lines;
    }

    /// <summary>
    /// Resizes the terminal. The screen follows in sequence with the output, so that it never shows text for another size.
    /// </summary>
    public async Task ResizeAsync(int columns, int rows)
    {
        await _process.WriteLineAsync($"size {Number(columns)} {Number(rows)}");
        await UntilAsync(_ => Look(screen => screen.Columns == columns && screen.Rows == rows));
    }

    /// <summary>Types a text and Enter.</summary>
    public Task TypeAsync(string text) => _process.WriteLineAsync($"type {text}");

    /// <summary>Ends the command like Ctrl-C and returns its exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        await _process.WriteLineAsync("interrupt");
        return await EndAsync();
    }

    /// <summary>Waits until the command has ended and returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _reading.WaitAsync(Patience.Limit);
        return await _process.WaitForExitAsync(Patience.Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await using (_process)
        {
            _process.Input.Close();
            await _reading.WaitAsync(Patience.Limit);
            await _process.WaitForExitAsync(Patience.Limit);
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.RawOutput.ReadAsync(buffer) is > 0 and var length)
        {
            lock (_gate)
                _screen.Write(new string(buffer, 0, length));
        }
    }

    private T Look<T>(Func<TerminalScreen, T> look)
    {
        lock (_gate)
            return look(_screen);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
