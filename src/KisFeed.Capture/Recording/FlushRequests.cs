namespace KisFeed.Capture.Recording;

/// <summary>Requests to write everything received so far. Those that wait at the same time are served by one write. Thread-safe.</summary>
/// <param name="onAdded">Called for a new request.</param>
internal sealed class FlushRequests(Action onAdded)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<DateTimeOffset?>? _waiting;
    private readonly List<TaskCompletionSource<DateTimeOffset?>> _taken = [];
    private bool _hasEnded;

    public bool HasPending
    {
        get
        {
            lock (_gate)
                return _waiting is not null;
        }
    }

    /// <summary>Adds a request. The result is the time of the last line written.</summary>
    public Task<DateTimeOffset?> AddAsync()
    {
        Task<DateTimeOffset?> added;
        lock (_gate)
        {
            if (_hasEnded)
                return Task.FromResult<DateTimeOffset?>(null);
            _waiting ??= new TaskCompletionSource<DateTimeOffset?>(TaskCreationOptions.RunContinuationsAsynchronously);
            added = _waiting.Task;
        }

        onAdded();
        return added;
    }

    /// <summary>
    /// Takes all requests, which the next <see cref="Complete"/> answers. Returns whether there are any, taken now or before.
    /// </summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_waiting is null)
                return _taken.Count > 0;
            _taken.Add(_waiting);
            _waiting = null;
            return true;
        }
    }

    /// <summary>Answers the requests that were taken.</summary>
    public void Complete(DateTimeOffset? lastAt)
    {
        lock (_gate)
            CompleteTaken(lastAt);
    }

    /// <summary>Answers all requests: nothing more is written.</summary>
    public void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            CompleteTaken(null);
            _waiting?.TrySetResult(null);
        }
    }

    private void CompleteTaken(DateTimeOffset? lastAt)
    {
        foreach (var request in _taken)
            request.TrySetResult(lastAt);
        _taken.Clear();
    }
}
