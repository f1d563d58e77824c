using KisFeed.Coordination.Postgres;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Running;

/// <summary>Listens for changes of rows. Nothing depends on it: without a notification, the rows are read at intervals.</summary>
internal sealed class ChangeListener : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _listening;

    public ChangeListener(ICoordinationStore store, Action<StoreChange> changed, TimeProvider time) =>
        _listening = Task.Run(() => ListenAsync(store, changed, time, _stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static async Task ListenAsync(
        ICoordinationStore store, Action<StoreChange> changed, TimeProvider time, CancellationToken cancellationToken)
    {
        using var cancellation = new RequestCancellation(Timeout.InfiniteTimeSpan, time, cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await store.ListenAsync(changed, cancellation.Token).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
                when ((StoreFailure.IsExpected(e) || e is ObjectDisposedException or InvalidOperationException)
                    && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(s_pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
