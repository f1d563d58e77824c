using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server;

/// <summary>Breaks off connections beyond those that may stand at once. Done here since Kestrel, which can do the same, tells nobody.</summary>
internal sealed class ConnectionCap(int limit, Action? onRefused)
{
    private int _count;

    /// <summary>Stands before everything else that is done with a connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _count) <= limit)
                await next(connection).ConfigureAwait(false);
            else
                Refuse(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    };

    private void Refuse(ConnectionContext connection)
    {
        onRefused?.Invoke();
        connection.Abort(new ConnectionAbortedException("there are as many connections as this server takes"));
    }
}
