using KisFeed.Gateway.Files;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// The consumers of a running gateway: the content of the token file, read again when it changes. A file that cannot be used admits
/// nobody: at the start it is an error, and a running gateway has no consumers from the second check in a row that finds it so, because
/// an editor may be writing the file.
/// </summary>
internal sealed class ConsumerStore : IDisposable
{
    private readonly ConsumerFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AuditTrail? _audit;
    private readonly FileReloader<ConsumerSet> _reloader;
    private volatile ConsumerSet _current = new([]);
    private volatile bool _isClosed;
    private bool _wasUnusable;

    public ConsumerStore(
        string path, TimeSpan interval, TimeProvider time, ILogger logger, bool isOpenWithoutFile = false, AuditTrail? audit = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _file = new ConsumerFile(path);
        _time = time;
        _logger = logger;
        _audit = audit;
        _reloader = new FileReloader<ConsumerSet>(
            () => (_file.GetStamp(), null),
            before => before is null ? LoadFirst(isOpenWithoutFile) : Load(),
            problem => ConsumerLog.Unusable(logger, problem),
            interval,
            time,
            consumers => consumers.NextEnd <= time.GetUtcNow());
    }

    /// <summary>
    /// Raised when consumers were removed or lost rights, after <see cref="Current"/> has changed. One call at a time, in the order of the
    /// changes. Handlers must not block. Code that admits a consumer must check <see cref="Current"/> again after its handler can see the
    /// consumer, or it misses a change in between.
    /// </summary>
    public event EventHandler<ConsumerLossEventArgs>? Lost;

    /// <summary>Raised when the file was read again, before <see cref="Lost"/>.</summary>
    public event EventHandler? Changed;

    /// <summary>
    /// Raised once, when the file appears and from then on only consumers are admitted: all other connections must be closed.
    /// </summary>
    public event EventHandler? Closed;

    public ConsumerSet Current => _current;

    /// <summary>Why the file cannot be used now; <see langword="null"/> if it can.</summary>
    public string? Problem => _reloader.Problem;

    /// <summary>
    /// Whether only consumers may use the gateway. True from the start, unless a missing file opens the gateway to everybody; then it
    /// becomes true as soon as the file exists. It never becomes false again: removing consumers does not open the gateway.
    /// </summary>
    public bool IsClosed => _isClosed;

    public void Reload() => _reloader.Reload();

    public void Dispose() => _reloader.Dispose();

    private ConsumerSet LoadFirst(bool isOpenWithoutFile)
    {
        var now = Read(out var exists);
        _current = now;
        _audit?.TokenFileRead(_file.Path, now.Consumers.Length);
        _isClosed = !isOpenWithoutFile || exists;
        if (_isClosed && now.Consumers.IsEmpty)
            ConsumerLog.NoConsumers(_logger, _file.Path, exists ? "has no consumers" : "does not exist");
        else if (_isClosed)
            ConsumerLog.Read(_logger, _file.Path, now.Consumers.Length);
        return now;
    }

    private ConsumerSet Load()
    {
        try
        {
            var now = Read(out var exists);
            Apply(now, exists);
            _wasUnusable = false;
            return now;
        }
        catch (KisFeedConfigurationException)
        {
            if (_wasUnusable && (!_isClosed || !_current.Consumers.IsEmpty))
            {
                ConsumerLog.NobodyLeft(_logger, _file.Path, _current.Consumers.Length);
                Apply(new ConsumerSet([]), exists: true);
            }

            _wasUnusable = true;
            throw;
        }
    }

    private void Apply(ConsumerSet now, bool exists)
    {
        var before = _current;
        var losses = before.LossesIn(now);
        var closes = !_isClosed && exists;
        _current = now;
        _isClosed |= closes;
        if (!losses.IsEmpty || !now.LossesIn(before).IsEmpty)
            ConsumerLog.Read(_logger, _file.Path, now.Consumers.Length);
        if (closes)
            ConsumerLog.Closed(_logger, _file.Path);
        foreach (var loss in losses)
            Log(loss);
        Audit(before, now);
        if (now.Consumers.IsEmpty && !before.Consumers.IsEmpty)
            ConsumerLog.LastRemoved(_logger, _file.Path);
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
            // Thrown by a handler. It must not end the process or the checks.
            ConsumerLog.LossFailed(_logger, e);
        }
    }

    private ConsumerSet Read(out bool exists)
    {
        exists = _file.GetStamp() is not null;
        return new ConsumerSet(_file.Read(), _time.GetUtcNow());
    }

    private void Audit(ConsumerSet before, ConsumerSet now)
    {
        if (_audit is null)
            return;
        List<(string Consumer, string Change)> changes =
        [
            .. before.Consumers.Where(consumer => now.Find(consumer) is null)
                .Select(consumer => (consumer.Name, "can no longer log in with its old credentials")),
            .. now.Consumers.Where(consumer => before.Find(consumer) is null).Select(consumer => (consumer.Name, "has new credentials")),
            .. now.Consumers.Where(consumer => before.Find(consumer)?.HasRightsOf(consumer) == false)
                .Select(consumer => (consumer.Name, "has other rights or limits")),
        ];
        if (changes.Count == 0)
            return;
        _audit.TokenFileRead(_file.Path, now.Consumers.Length);
        foreach (var (consumer, change) in changes)
            _audit.ConsumerChanged(consumer, change);
    }

    private void Log(ConsumerLoss loss)
    {
        if (loss.IsGone)
            ConsumerLog.Removed(_logger, loss.Before.Name);
        else
            ConsumerLog.Restricted(_logger, loss.Before.Name);
    }
}
