using KisFeed.Cli.Hosting;
using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Output;

/// <summary>
/// A line on standard error that tells how far a long task is, from its second second on; gone when the task is done. Shown on a terminal
/// only, and not where data goes to a terminal as well.
/// </summary>
internal sealed class Progress : IDisposable
{
    // The cursor is left at the beginning of the line: where the terminal has become narrower and wrapped it, all of it is below the cursor.
    private const string ClearLine = "\r\e[J";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly TextWriter _error;
    private readonly Func<TerminalSize> _size;
    private readonly Func<int, string> _text;
    private readonly ITimer? _timer;
    private bool _isShown;
    private bool _isDone;

    /// <summary>Begins to wait for the task's second second.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="text">Says how far the task is; called on another thread.</param>
    /// <param name="besideOutput">Whether it is shown although data go to a terminal too, because they are few and come at the start.</param>
    public Progress(CommandHost host, Func<string> text, bool besideOutput = false)
        : this(host, width => CellWidth.Truncate(text(), width), besideOutput)
    {
    }

    /// <summary>Begins to wait for the task's second second.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="text">Says in a line of this width how far the task is; called on another thread.</param>
    /// <param name="besideOutput">Whether it is shown although data go to a terminal too, because they are few and come at the start.</param>
    public Progress(CommandHost host, Func<int, string> text, bool besideOutput = false)
    {
        _size = host.TerminalSize;
        _error = host.Error;
        _text = text;
        if (host.ErrorIsTerminal && (besideOutput || !host.OutputIsTerminal))
            _timer = host.Time.CreateTimer(_ => Show(), null, s_patience, s_interval);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _isDone = true;
            if (_isShown)
                _error.Write(ClearLine);
        }
    }

    private void Show()
    {
        lock (_gate)
        {
            if (_isDone)
                return;
            _error.Write($"{ClearLine}{_text(_size().Columns)}\r");
            _isShown = true;
        }
    }
}
