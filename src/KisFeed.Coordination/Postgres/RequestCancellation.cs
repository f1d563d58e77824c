namespace KisFeed.Coordination.Postgres;

/// <summary>
/// Cancels a request to the database after a limit, or when its owner stops. Npgsql fails in the callback of a cancellation
/// if the connection is lost at the same moment; in the timer of a <see cref="CancellationTokenSource"/> nobody could catch
/// that, and it would end the process.
/// </summary>
internal sealed class RequestCancellation : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _stopping;

    /// <summary>Starts the time.</summary>
    /// <param name="limit">When the request is cancelled; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Cancels it, too.</param>
    public RequestCancellation(TimeSpan limit, TimeProvider time, CancellationToken stopping = default)
    {
        _timer = time.CreateTimer(static state => ((RequestCancellation)state!).Cancel(), this, limit, Timeout.InfiniteTimeSpan);
        _stopping = stopping.UnsafeRegister(static state => ((RequestCancellation)state!).Cancel(), this);
    }

    /// <summary>The token of the request.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Cancels the request now.</summary>
    public void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (Exception e) when (e is AggregateException or ObjectDisposedException)
        {
            // The request fails with its connection, or has ended.
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
        _source.Dispose();
    }
}
