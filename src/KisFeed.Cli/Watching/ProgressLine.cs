namespace KisFeed.Cli.Watching;

/// <summary>A status for people: a line that is updated on a terminal, one line per minute elsewhere, and a last line at the end.</summary>
/// <param name="host">The host.</param>
internal sealed class ProgressLine(CommandHost host) : IAsyncDisposable
{
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromMilliseconds(250);

    private readonly StreamWriter _text = host.OpenText();
    private long _shownAt = host.Time.GetTimestamp();

    /// <summary>Shows the status if enough time has passed.</summary>
    /// <param name="partsOf">Returns its parts, the most important first: those at the end are left out if they do not fit the terminal.</param>
    public async ValueTask ShowAsync(Func<List<string>> partsOf)
    {
        if (host.Time.GetElapsedTime(_shownAt) < (host.OutputIsTerminal ? s_onTerminal : s_elsewhere))
            return;
        _shownAt = host.Time.GetTimestamp();
        var parts = partsOf();
        if (host.OutputIsTerminal)
            await _text.WriteAsync($"\r\e[J{StatusLine.Fit(parts, host.TerminalSize().Columns)}\r");
        else
            await _text.WriteLineAsync(string.Join(" · ", parts));
        await _text.FlushAsync();
    }

    /// <summary>Replaces the status by the last line.</summary>
    public async ValueTask EndAsync(string last)
    {
        if (host.OutputIsTerminal)
            await _text.WriteAsync("\r\e[J");
        await _text.WriteLineAsync(last);
        await _text.FlushAsync();
    }

    public ValueTask DisposeAsync() => _text.DisposeAsync();
}

/// <summary>
/// Writes a status until it can no longer be written, because its reader has gone or does not read at the end, or it is a file on a full disk. The work matters
/// more than its status.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="status">What is written, for the message.</param>
/// <param name="work">What goes on, for the message.</param>
internal sealed class BestEffortWriter(CommandHost host, string status, string work)
{
    private bool _hasFailed;

    public async ValueTask TryAsync(Func<ValueTask> write)
    {
        if (_hasFailed)
            return;
        try
        {
            await write();
        }
        catch (Exception e) when (e is OutputClosedException or OperationCanceledException or IOException or ArgumentOutOfRangeException)
        {
            // .NET throws the last one for EFBIG: the file may not grow.
            _hasFailed = true;
            host.WriteMessage($"kisfeed: {status} can no longer be written: {e.Message}; {work} is not affected");
        }
    }
}
