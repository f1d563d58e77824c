using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace KisFeed.Client;

/// <summary>
/// The readers of a status that is published whenever it changes. A slow reader misses the oldest statuses, never the latest. Thread-safe.
/// </summary>
internal sealed class StatusObservers<TStatus>
{
    private const int StatusesKept = 64;

    private readonly Lock _gate = new();
    private readonly List<Channel<TStatus>> _observers = [];
    private bool _hasEnded;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _observers.Count == 0;
        }
    }

    /// <summary>Reads the current statuses and those that are published from then on, until the end.</summary>
    /// <param name="add">Calls <see cref="Add"/>, under the lock under which statuses are published if there is one.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    public async IAsyncEnumerable<TStatus> ReadAsync(
        Func<Channel<TStatus>> add, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var observer = add();
        try
        {
            await foreach (var status in observer.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return status;
        }
        finally
        {
            lock (_gate)
                _observers.Remove(observer);
        }
    }

    /// <summary>Adds an observer, which receives the current statuses at once.</summary>
    public Channel<TStatus> Add(Func<IEnumerable<TStatus>> current)
    {
        var observer = Channel.CreateBounded<TStatus>(
            new BoundedChannelOptions(StatusesKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            foreach (var status in current())
                observer.Writer.TryWrite(status);
            if (_hasEnded)
                observer.Writer.TryComplete();
            else
                _observers.Add(observer);
        }

        return observer;
    }

    /// <summary>Publishes a status, which <see cref="Add"/> must have as the current one already.</summary>
    public void Publish(TStatus status)
    {
        lock (_gate)
        {
            foreach (var observer in _observers)
                observer.Writer.TryWrite(status);
        }
    }

    /// <summary>Nothing more is published.</summary>
    public void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            foreach (var observer in _observers)
                observer.Writer.TryComplete();
            _observers.Clear();
        }
    }
}
