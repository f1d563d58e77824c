namespace KisFeed.Cli.Output;

/// <summary>
/// Items that can be disposed while the next one is awaited, as after an error of the output: that cancels the
/// reading. An enumerator alone cannot.
/// </summary>
internal sealed class CancellableItems<T> : IAsyncDisposable
{
    private readonly CancellationTokenSource _reading;
    private readonly IAsyncEnumerator<T> _items;
    private Task _pending = Task.CompletedTask;

    public CancellableItems(Func<CancellationToken, IAsyncEnumerable<T>> read, CancellationToken cancellationToken)
    {
        _reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _items = read(_reading.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    public T Current => _items.Current;

    public ValueTask<bool> MoveNextAsync()
    {
        var next = _items.MoveNextAsync();
        if (next.IsCompleted)
            return next;
        var pending = next.AsTask();
        _pending = pending;
        return new ValueTask<bool>(pending);
    }

    public async ValueTask DisposeAsync()
    {
        await _reading.CancelAsync();
        await _pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _items.DisposeAsync();
        _reading.Dispose();
    }
}
