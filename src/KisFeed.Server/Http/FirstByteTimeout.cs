using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server;

/// <summary>Breaks off connections on which no first byte comes: a client connects because it has something to ask.</summary>
/// <param name="limit">How long to wait for it.</param>
/// <param name="onSilence">Told of each that is broken off.</param>
/// <param name="time">The clock. Default: the system's, since it guards against the peer.</param>
internal sealed class FirstByteTimeout(TimeSpan limit, Action? onSilence, TimeProvider? time = null)
{
    /// <summary>Stands before TLS and HTTP.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (await HasBegunAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        connection.Abort(new ConnectionAbortedException("nothing came on this connection"));
        onSilence?.Invoke();
    };

    private async Task<bool> HasBegunAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(limit, time ?? TimeProvider.System);
        try
        {
            var read = await input.ReadAsync(patience.Token).ConfigureAwait(false);

            // Nothing is taken, and nothing looked at: whoever reads next finds all of it.
            input.AdvanceTo(read.Buffer.Start);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            return true; // The client has gone, which whoever reads next finds too.
        }
    }
}
