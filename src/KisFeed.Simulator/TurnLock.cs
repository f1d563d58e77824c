namespace KisFeed.Simulator;

/// <summary>An asynchronous lock that is granted in the order of its waiters, so that none of them starves.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody uses has nothing to release.
internal sealed class TurnLock
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _free = new(1, 1);

    /// <summary>Waits for the lock. Disposing the result releases it.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken = default)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_free);
    }

    public readonly struct Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
