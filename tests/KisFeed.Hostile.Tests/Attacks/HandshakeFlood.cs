namespace KisFeed.Hostile.Attacks;

/// <summary>WebSockets without credentials, which are kept open.</summary>
/// <param name="attackers">The number of simultaneous attackers; each opens a connection every 100 ms and keeps 100 open.</param>
internal sealed class HandshakeFlood(int attackers) : Attack("handshakes", attackers)
{
    private const int MaxOpen = 100;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        var sockets = new Queue<AttackSocket>();
        try
        {
            while (true)
            {
                var socket = await AttackSocket.ConnectAsync(target.Port, end);
                sockets.Enqueue(socket);
                await socket.UpgradeAsync("/tryitout", end);
                _ = WatchAsync(socket, end);
                if (sockets.Count > MaxOpen)
                    sockets.Dequeue().Dispose();
                await Task.Delay(s_pause, end);
            }
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    private async Task WatchAsync(AttackSocket socket, CancellationToken end)
    {
        try
        {
            await socket.ReadToEndAsync(end);
            CountRefusal();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Abandoned by the attacker.
        }
    }
}
