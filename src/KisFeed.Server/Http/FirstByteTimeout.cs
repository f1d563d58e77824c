using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Http;

/// <summary>Aborts connections on which no byte arrives in time. A real client connects to send a request.</summary>
internal sealed class FirstByteTimeout(TimeSpan limit, Action? onSilence, TimeProvider? time = null)
{
    /// <summary>The connection middleware. It comes before TLS and HTTP.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (await HasBegunAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        connection.Abort(new ConnectionAbortedException("the client sent nothing on this connection"));
        onSilence?.Invoke();
    };

    private async Task<bool> HasBegunAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var timeout = new CancellationTokenSource(limit, time ?? TimeProvider.System);
        try
        {
            var read = await input.ReadAsync(timeout.Token).ConfigureAwait(false);

            // Nothing is consumed or examined, so the next reader gets all bytes.
            input.AdvanceTo(read.Buffer.Start);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            return true; // The client is gone. The next reader finds out too.
        }
    }
}
