using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// Writes the times when consumers last used the gateway, every minute and at the end, if they have changed. If the file cannot be written,
/// this is logged once and affects nothing else.
/// </summary>
internal sealed class LastUseWriter : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly LastUseFile _file;
    private readonly Accounts _accounts;
    private readonly ConsumerStore _store;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private Dictionary<string, DateTimeOffset> _written = new(ConsumerName.Comparer);
    private Task _writing = Task.CompletedTask;
    private bool _hasFailed;
    private bool _isOver;

    public LastUseWriter(LastUseFile file, Accounts accounts, ConsumerStore store, TimeProvider time, ILogger logger)
    {
        _file = file;
        _accounts = accounts;
        _store = store;
        _logger = logger;
        _timer = time.CreateTimer(static writer => ((LastUseWriter)writer!).StartWrite(), this, s_interval, s_interval);
    }

    public Task EndAsync()
    {
        StartWrite();
        lock (_gate)
        {
            _isOver = true;
            return _writing;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _isOver = true;
        _timer.Dispose();
    }

    private void StartWrite()
    {
        lock (_gate)
        {
            if (!_isOver)
                _writing = WriteAsync(_writing);
        }
    }

    private async Task WriteAsync(Task before)
    {
        await before.ConfigureAwait(false);
        await Task.Yield(); // The caller holds a lock.
        var times = Times();
        if (times.All(time => _written.TryGetValue(time.Key, out var at) && at == time.Value))
            return;
        try
        {
            await _file.UpdateAsync(
                times,
                name => _store.Current.Consumers.Any(consumer => ConsumerName.Comparer.Equals(consumer.Name, name))).ConfigureAwait(false);
            _written = times;
            _hasFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
                ConsumerLog.LastUseNotWritten(_logger, _file.Path, e.Message);
            _hasFailed = true;
        }
    }

    // Rounded to the minute. If a consumer has several accounts, e.g. while its credentials are rotated, the latest time counts.
    private Dictionary<string, DateTimeOffset> Times()
    {
        var times = new Dictionary<string, DateTimeOffset>(ConsumerName.Comparer);
        foreach (var account in _accounts.All)
        {
            if (account.Consumer is null || account.LastUsedAt is not { } at)
                continue;
            var minute = new DateTimeOffset(at.Ticks - (at.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
            if (!times.TryGetValue(account.Name, out var other) || other < minute)
                times[account.Name] = minute;
        }

        return times;
    }
}

/// <summary>The content of the file: the times by consumer.</summary>
internal sealed record LastUseContent(int Version, SortedDictionary<string, string> LastUsed);
