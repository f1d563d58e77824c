using System.Threading.Channels;

namespace KisFeed.Capture.Recording;

internal sealed class StatusObservers
{
    private const int StatusesKept = 64;

    private readonly Lock _gate = new();
    private readonly List<Channel<CaptureRecorderStatus>> _observers = [];

    /// <summary>Adds an observer, which receives the current status at once.</summary>
    public Channel<CaptureRecorderStatus> Add(Func<CaptureRecorderStatus> current)
    {
        var observer = Channel.CreateBounded<CaptureRecorderStatus>(
            new BoundedChannelOptions(StatusesKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            var status = current();
            observer.Writer.TryWrite(status);
            if (status.HasEnded)
                observer.Writer.TryComplete();
            else
                _observers.Add(observer);
        }

        return observer;
    }

    public void Remove(Channel<CaptureRecorderStatus> observer)
    {
        lock (_gate)
            _observers.Remove(observer);
    }

    /// <summary>Changes the status and publishes it to all observers.</summary>
    /// <param name="change">Changes the status and returns the new one.</param>
    public void Publish(Func<CaptureRecorderStatus> change)
    {
        lock (_gate)
        {
            var status = change();
            foreach (var observer in _observers)
                observer.Writer.TryWrite(status);
            if (!status.HasEnded)
                return;
            foreach (var observer in _observers)
                observer.Writer.TryComplete();
            _observers.Clear();
        }
    }
}
