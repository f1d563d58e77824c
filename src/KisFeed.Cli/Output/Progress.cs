using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Output;

/// <summary>
/// A line on standard error that tells how far a long task is, from its second second on. Shown on a terminal only, and not where the
/// data goes to a terminal as well; gone when the task is done.
/// </summary>
internal sealed class Progress : IDisposable
{
    private const string ClearLine = "\r\e[K";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly CommandHost _host;
    private readonly bool _isWanted;
    private readonly long _start;
    private long _last;
    private bool _isShown;

    public Progress(CommandHost host)
    {
        _host = host;
        _isWanted = host.ErrorIsTerminal && !host.OutputIsTerminal;
        _start = host.Time.GetTimestamp();
    }

    /// <summary>Shows where the task is, unless that was done a moment ago.</summary>
    public void Show(Func<string> text)
    {
        if (!_isWanted || _host.Time.GetElapsedTime(_start) < s_patience || (_isShown && _host.Time.GetElapsedTime(_last) < s_interval))
            return;
        _host.Error.Write(ClearLine + text());
        _last = _host.Time.GetTimestamp();
        _isShown = true;
    }

    public void Dispose()
    {
        if (_isShown)
            _host.Error.Write(ClearLine);
    }
}
