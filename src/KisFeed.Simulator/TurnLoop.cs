using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>
/// The loop of a feed source, and its lock. The loop holds the lock for a turn, a session while it subscribes. Waiters get it in order, so
/// the loop cannot starve sessions however fast it runs. It is never held while waiting for a client.
/// </summary>
internal sealed class TurnLoop(TimeSpan slowClientLimit, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    /// <summary>The maximum number of events or frames in a turn, after which waiting sessions can subscribe.</summary>
    public const int TurnLength = 256;

    private readonly SemaphoreSlim _free = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly BackpressureTracker _full = new(slowClientLimit, timeProvider, logger);
    private Task _running = Task.CompletedTask;

    /// <summary>Whether the queue of a client is full. Call it in a turn, which then must end.</summary>
    public bool IsAnyFull => _full.Any;

    /// <summary>Starts the loop.</summary>
    /// <param name="run">Runs until it has nothing more to send, or is cancelled.</param>
    /// <param name="failed">Called if it fails.</param>
    public void Start(Func<CancellationToken, Task> run, Func<Exception, Task> failed) => _running = Task.Run(async () =>
    {
        try
        {
            await run(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The server is stopping.
        }
        catch (Exception e)
        {
            await failed(e).ConfigureAwait(false);
        }
    });

    /// <summary>Waits for the lock. Disposing the result releases it.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken = default)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_free);
    }

    /// <summary>Tracks a client that was sent something. Call it in a turn.</summary>
    public void Track(IClientConnection connection) => _full.Track(connection);

    /// <summary>
    /// Waits, between turns, until no tracked client is full. The connection of a client that does not read is cut after the limit.
    /// </summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken) =>
        _full.Any ? _full.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Ends the loop. The lock can still be taken afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    public readonly struct Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
