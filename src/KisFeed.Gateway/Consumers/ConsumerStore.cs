using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// Who may use a running gateway: what the token file says, read anew when it changes. While the file cannot be used, what was known stays in force, and that is told.
/// </summary>
internal sealed class ConsumerStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConsumerFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AuditTrail? _audit;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private volatile ConsumerSet _current;
    private volatile string? _problem;
    private volatile bool _isClosed;
    private FileStamp? _stamp;
    private bool _isSettled;
    private bool _isDisposed;

    /// <summary>Reads the file, and looks at it from then on.</summary>
    /// <param name="path">The token file, which need not be there.</param>
    /// <param name="interval">How often to look whether it has changed.</param>
    /// <param name="time">When to.</param>
    /// <param name="logger">Where to tell.</param>
    /// <param name="isOpenWithoutFile">Whether everybody may use the gateway while there is no file.</param>
    /// <param name="audit">Hears of what is read; <see langword="null"/> for nobody.</param>
    /// <exception cref="KisFeedConfigurationException">There is a file, and it cannot be used.</exception>
    public ConsumerStore(string path, TimeSpan interval, TimeProvider time, ILogger logger, bool isOpenWithoutFile = false, AuditTrail? audit = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _file = new ConsumerFile(path);
        _interval = interval;
        _time = time;
        _logger = logger;
        _audit = audit;
        _current = ReadFile();
        _audit?.TokenFileRead(_file.Path, _current.Consumers.Length);
        _isClosed = !isOpenWithoutFile || _stamp is not null;
        if (_isClosed && _current.Consumers.IsEmpty)
            ConsumerLog.Nobody(_logger, _file.Path, _stamp is null ? "does not exist" : "has no consumers");
        else if (_isClosed)
            ConsumerLog.Read(_logger, _file.Path, _current.Consumers.Length);
        _timer = time.CreateTimer(static store => ((ConsumerStore)store!).LookAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Raised when consumers have gone or lost rights; <see cref="Current"/> no longer has them then. One call at a time, in the order of what happened; handlers do not wait for anything.
    /// Who admits somebody looks in <see cref="Current"/> once more after it has made itself known to its handler, or it misses what happened in between.
    /// </summary>
    public event EventHandler<ConsumerLossEventArgs>? Lost;

    /// <summary>Raised when the file was read again, before <see cref="Lost"/>.</summary>
    public event EventHandler? Changed;

    /// <summary>Raised once, when there is a file where there was none: who came without being a consumer has to go.</summary>
    public event EventHandler? Closed;

    /// <summary>The consumers that there are now.</summary>
    public ConsumerSet Current => _current;

    /// <summary>Why the file cannot be used just now; <see langword="null"/> where it can.</summary>
    public string? Problem => _problem;

    /// <summary>
    /// Whether only consumers may use the gateway. So it is from the start unless a file that does not exist opens it to everybody, as soon as the file exists, and it stays so: taking rights away opens nothing.
    /// </summary>
    public bool IsClosed => _isClosed;

    /// <summary>Reads the file now, whether it has changed or not.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                TryRead();
        }
    }

    /// <summary>Looks no more.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _timer.Dispose();
    }

    private void LookAgain()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            if (HasChanged())
                TryRead();
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    // A file that could not be used is tried each time: what was wrong need not show from outside.
    private bool HasChanged()
    {
        try
        {
            return !_isSettled || _problem is not null || _current.NextEnd <= _time.GetUtcNow() || _file.Look() != _stamp;
        }
        catch (KisFeedConfigurationException)
        {
            return true;
        }
    }

    private void TryRead()
    {
        try
        {
            var read = ReadFile();
            _problem = null;
            Take(read);
        }
        catch (KisFeedConfigurationException e)
        {
            if (string.Equals(e.Message, _problem, StringComparison.Ordinal))
                return;
            _problem = e.Message;
            ConsumerLog.Unusable(_logger, e.Message);
        }
    }

    private ConsumerSet ReadFile()
    {
        // Before it is read: what is written in between shows the next time.
        _stamp = _file.Look();
        _isSettled = _stamp is not { } stamp || !stamp.IsFresh(_time.GetUtcNow());
        return new ConsumerSet(_file.Read(), _time.GetUtcNow());
    }

    private void Take(ConsumerSet now)
    {
        var before = _current;
        var losses = before.LossesIn(now);
        var closes = !_isClosed && _stamp is not null;
        _current = now;
        _isClosed |= closes;
        if (!losses.IsEmpty || !now.LossesIn(before).IsEmpty)
            ConsumerLog.Read(_logger, _file.Path, now.Consumers.Length);
        if (closes)
            ConsumerLog.Closed(_logger, _file.Path);
        foreach (var loss in losses)
            Tell(loss);
        Audit(before, now);
        if (now.Consumers.IsEmpty && !before.Consumers.IsEmpty)
            ConsumerLog.NobodyLeft(_logger, _file.Path);
        try
        {
            Changed?.Invoke(this, EventArgs.Empty);
            if (closes)
                Closed?.Invoke(this, EventArgs.Empty);
            if (!losses.IsEmpty)
                Lost?.Invoke(this, new ConsumerLossEventArgs(losses));
        }
        catch (Exception e)
        {
            // Of handlers. It may not end the process, nor the looking.
            ConsumerLog.LossFailed(_logger, e);
        }
    }

    private void Audit(ConsumerSet before, ConsumerSet now)
    {
        if (_audit is null)
            return;
        List<(string Consumer, string Change)> changes =
        [
            .. before.Consumers.Where(consumer => now.Find(consumer) is null).Select(consumer => (consumer.Name, "can no longer log in with credentials that it had")),
            .. now.Consumers.Where(consumer => before.Find(consumer) is null).Select(consumer => (consumer.Name, "has new credentials")),
            .. now.Consumers.Where(consumer => before.Find(consumer)?.HasRightsOf(consumer) == false).Select(consumer => (consumer.Name, "has other rights or limits")),
        ];
        if (changes.Count == 0)
            return;
        _audit.TokenFileRead(_file.Path, now.Consumers.Length);
        foreach (var (consumer, change) in changes)
            _audit.ConsumerChanged(consumer, change);
    }

    private void Tell(ConsumerLoss loss)
    {
        if (loss.IsGone)
            ConsumerLog.Gone(_logger, loss.Before.Name);
        else
            ConsumerLog.Restricted(_logger, loss.Before.Name);
    }
}

/// <summary>What is logged of consumers. Event ids are stable; no message holds an app key, a secret or the hash of one.</summary>
internal static partial class ConsumerLog
{
    [LoggerMessage(201, LogLevel.Information, "{Count} consumers may connect, as {Path} says")]
    public static partial void Read(ILogger logger, string path, int count);

    [LoggerMessage(202, LogLevel.Warning, "What was known of consumers stays in force, because their file cannot be used: {Problem}")]
    public static partial void Unusable(ILogger logger, string problem);

    [LoggerMessage(203, LogLevel.Warning, "Consumer {Consumer} was removed or given other credentials: its connections are ended")]
    public static partial void Gone(ILogger logger, string consumer);

    [LoggerMessage(204, LogLevel.Warning, "Consumer {Consumer} may no longer register for all that it might: those registrations are ended")]
    public static partial void Restricted(ILogger logger, string consumer);

    [LoggerMessage(205, LogLevel.Warning, "Nobody may connect any more: {Path} has no consumers left, and a gateway that had some does not open itself to everybody")]
    public static partial void NobodyLeft(ILogger logger, string path);

    [LoggerMessage(211, LogLevel.Warning, "Nobody may connect: {Path} {Problem}. 'kisfeed gateway token add NAME' adds a consumer, and a running gateway takes it up within seconds")]
    public static partial void Nobody(ILogger logger, string path, string problem);

    [LoggerMessage(206, LogLevel.Critical, "What consumers have lost could not be taken from them")]
    public static partial void LossFailed(ILogger logger, Exception exception);

    [LoggerMessage(208, LogLevel.Warning, "When consumers last used the gateway cannot be kept in {Path}: {Problem}. It serves on; 'kisfeed gateway token list' shows older times")]
    public static partial void LastUseNotKept(ILogger logger, string path, string problem);

    [LoggerMessage(207, LogLevel.Warning, "Only consumers of {Path} may connect from now on: the file exists, and connections without a token are closed")]
    public static partial void Closed(ILogger logger, string path);

    [LoggerMessage(210, LogLevel.Information, "A browser was signed in as consumer {Consumer} by a link")]
    public static partial void SignedIn(ILogger logger, string consumer);

    [LoggerMessage(209, LogLevel.Error, "Sign-in links cannot be used: {Problem}")]
    public static partial void LinksUnusable(ILogger logger, string problem);
}
