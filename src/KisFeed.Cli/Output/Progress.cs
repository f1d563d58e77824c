using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Output;

/// <summary>
/// A progress line on standard error for a task that takes longer than a second; removed when the task is done. Shown only on a terminal,
/// and not if data goes to a terminal as well.
/// </summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly TextWriter _error;
    private readonly Func<TerminalSize> _size;
    private readonly Func<int, string> _text;
    private readonly ITimer? _timer;
    private bool _isShown;
    private bool _isDone;

    /// <summary>Starts the delay before the line is shown.</summary>
    /// <param name="host">The host.</param>
    /// <param name="text">Returns the text; called on another thread.</param>
    /// <param name="besideOutput">Whether it is shown although data goes to a terminal too, because the data is
    /// little and written at the start.</param>
    public Progress(CommandHost host, Func<string> text, bool besideOutput = false)
        : this(host, width => CellWidth.Truncate(text(), width), besideOutput)
    {
    }

    /// <summary>Starts the delay before the line is shown.</summary>
    /// <param name="host">The host.</param>
    /// <param name="text">Returns the text for a given width; called on another thread.</param>
    /// <param name="besideOutput">Whether it is shown although data goes to a terminal too, because the data is
    /// little and written at the start.</param>
    public Progress(CommandHost host, Func<int, string> text, bool besideOutput = false)
    {
        _size = host.TerminalSize;
        _error = host.Error;
        _text = text;
        if (host.ErrorIsTerminal && (besideOutput || !host.OutputIsTerminal))
            _timer = host.Time.CreateTimer(_ => Show(), null, s_delay, s_interval);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _isDone = true;
            if (_isShown)
                _error.Write(TransientLine.Clear);
        }
    }

    private void Show()
    {
        lock (_gate)
        {
            if (_isDone)
                return;
            _error.Write(TransientLine.Of(_text(_size().Columns)));
            _isShown = true;
        }
    }
}
