using System.Threading.Channels;

namespace KisFeed.Replay;

/// <summary>Lets one task sleep until somebody wakes it or a time has passed. Being woken while awake counts.</summary>
internal sealed class AsyncWakeTimer : IDisposable
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;

    public AsyncWakeTimer(TimeProvider timeProvider) =>
        _timer = timeProvider.CreateTimer(static state => ((AsyncWakeTimer)state!).Now(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Now() => _calls.Writer.TryWrite(true);

    /// <summary>Wakes it once after this time, in place of an earlier such order.</summary>
    public void In(TimeSpan time) => _timer.Change(time, Timeout.InfiniteTimeSpan);

    public async ValueTask SleepAsync(CancellationToken cancellationToken) => await _calls.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    public void Dispose() => _timer.Dispose();
}
