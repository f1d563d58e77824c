namespace KisFeed.Gateway;

/// <summary>What was read from one or two files, read again when one of them changes. While they cannot be used, what was read before stays in force, and the reason is reported once. For any thread.</summary>
/// <typeparam name="T">What the files are read into.</typeparam>
internal sealed class FileReloader<T> : IDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Func<(FileStamp? First, FileStamp? Second)> _look;
    private readonly Func<T?, T> _load;
    private readonly Action<string> _onProblem;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private volatile T _current;
    private (FileStamp?, FileStamp?) _stamp;
    private bool _isSettled;
    private string? _problem;
    private bool _isDisposed;

    /// <summary>Reads the files, and checks them for changes from then on.</summary>
    /// <param name="look">What the files look like from outside.</param>
    /// <param name="load">Reads them. Gets what was read before, <see langword="null"/> the first time.</param>
    /// <param name="onProblem">Told why changed files cannot be used.</param>
    /// <param name="interval">How often to check.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="KisFeedConfigurationException">The files cannot be used.</exception>
    public FileReloader(Func<(FileStamp? First, FileStamp? Second)> look, Func<T?, T> load, Action<string> onProblem, TimeSpan interval, TimeProvider time)
    {
        _look = look;
        _load = load;
        _onProblem = onProblem;
        _interval = interval;
        _time = time;
        _current = Load(null);
        _timer = time.CreateTimer(static reloader => ((FileReloader<T>)reloader!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What was last read.</summary>
    public T Current => _current;

    /// <summary>Reads the files now, whether they have changed or not.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                TryLoad();
        }
    }

    /// <summary>Ends the checks. What was read stays.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _timer.Dispose();
    }

    private void Check()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            if (!_isSettled || _problem is not null || _look() != _stamp)
                TryLoad();
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void TryLoad()
    {
        try
        {
            _current = Load(_current);
            _problem = null;
        }
        catch (KisFeedConfigurationException e)
        {
            if (!string.Equals(e.Message, _problem, StringComparison.Ordinal))
                _onProblem(e.Message);
            _problem = e.Message;
        }
    }

    // The stamp is taken before the files are read: a write in between shows at the next check. So does one within the resolution of the file's time, since a fresh file is read again.
    private T Load(T? before)
    {
        _stamp = _look();
        var now = _time.GetUtcNow();
        _isSettled = _stamp is var (first, second) && first?.IsFresh(now) != true && second?.IsFresh(now) != true;
        return _load(before);
    }
}

/// <summary>What of a file is different, as a rule, when it has been changed.</summary>
/// <param name="WrittenAt">When it was last written, UTC.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Mode">Who may use it.</param>
internal readonly record struct FileStamp(DateTime WrittenAt, long Length, UnixFileMode Mode)
{
    // Coarser than the clock of any file system that files of this kind stand on.
    private static readonly TimeSpan s_granularity = TimeSpan.FromSeconds(2);

    /// <summary>What a file looks like now; <see langword="null"/> where there is none.</summary>
    public static FileStamp? Of(FileInfo file) =>
        file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length, OperatingSystem.IsWindows() ? UnixFileMode.None : file.UnixFileMode) : null;

    /// <summary>Whether the file may change once more without this showing it, because it was written just now.</summary>
    public bool IsFresh(DateTimeOffset now) => WrittenAt > now.UtcDateTime - s_granularity;
}
