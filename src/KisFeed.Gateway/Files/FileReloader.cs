namespace KisFeed.Gateway.Files;

/// <summary>
/// The content of one or two files, read again when one of them changes. While they cannot be used, the previous content stays in force,
/// and the reason is reported once. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the content.</typeparam>
internal sealed class FileReloader<T> : IDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Func<(FileStamp? First, FileStamp? Second)> _getStamps;
    private readonly Func<T?, T> _load;
    private readonly Action<string> _onProblem;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly Func<T, bool>? _isExpired;
    private readonly ITimer _timer;
    private volatile T _current;
    private (FileStamp?, FileStamp?) _stamp;
    private bool _isSettled;
    private volatile string? _problem;
    private bool _isDisposed;

    /// <summary>Reads the files, and checks them for changes from then on.</summary>
    /// <param name="getStamps">Returns the stamps of the files.</param>
    /// <param name="load">Reads the files. Its argument is the previous content, <see langword="null"/> the
    /// first time. One call at a time.</param>
    /// <param name="onProblem">Called with the reason when changed files cannot be used.</param>
    /// <param name="interval">How often to check.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isExpired">
    /// Whether the content must be read again although the files have not changed; <see langword="null"/> for never.
    /// </param>
    /// <exception cref="KisFeedConfigurationException">The files cannot be used.</exception>
    public FileReloader(
        Func<(FileStamp? First, FileStamp? Second)> getStamps, Func<T?, T> load, Action<string> onProblem, TimeSpan interval,
        TimeProvider time, Func<T, bool>? isExpired = null)
    {
        _getStamps = getStamps;
        _load = load;
        _onProblem = onProblem;
        _interval = interval;
        _time = time;
        _isExpired = isExpired;
        _current = Load(null);
        _timer = time.CreateTimer(
            static reloader => ((FileReloader<T>)reloader!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    public T Current => _current;

    public string? Problem => _problem;

    public void Reload()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                TryLoad();
        }
    }

    /// <summary>Ends the checks. The last content stays.</summary>
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
            if (MustLoad())
                TryLoad();
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    // Files that cannot be used are read at each check: fixing them need not change their stamps.
    private bool MustLoad()
    {
        try
        {
            return !_isSettled || _problem is not null || _isExpired?.Invoke(_current) == true || _getStamps() != _stamp;
        }
        catch (KisFeedConfigurationException)
        {
            return true; // Reading them reports the reason.
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

    // The stamp is taken before the files are read, so the next check sees a write in between. It also sees a write within the resolution
    // of the file's time, because recently written files are read again.
    private T Load(T? before)
    {
        _stamp = _getStamps();
        var now = _time.GetUtcNow();
        _isSettled = _stamp is var (first, second) && first?.IsFresh(now) != true && second?.IsFresh(now) != true;
        return _load(before);
    }
}

/// <summary>The attributes of a file that normally differ after a change.</summary>
/// <param name="WrittenAt">When it was last written, UTC.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Mode">Its permissions.</param>
internal readonly record struct FileStamp(DateTime WrittenAt, long Length, UnixFileMode Mode)
{
    // Coarser than the timestamps of any file system that such files are stored on.
    private static readonly TimeSpan s_granularity = TimeSpan.FromSeconds(2);

    /// <summary>The stamp of a file now; <see langword="null"/> if it does not exist.</summary>
    public static FileStamp? Of(FileInfo file) =>
        file.Exists
            ? new FileStamp(file.LastWriteTimeUtc, file.Length, OperatingSystem.IsWindows() ? UnixFileMode.None : file.UnixFileMode)
            : null;

    /// <summary>Whether the file was written so recently that another change might not alter its stamp.</summary>
    public bool IsFresh(DateTimeOffset now) => WrittenAt > now.UtcDateTime - s_granularity;
}
