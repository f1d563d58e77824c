namespace KisFeed.Hostile.Attacks;

/// <summary>Connections on which nothing is ever sent, made again a second after they are ended.</summary>
/// <param name="connections">How many at once.</param>
internal sealed class IdleSockets(int connections) : Attack("idle", connections, TimeSpan.FromSeconds(1))
{
    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        using var socket = await AttackSocket.ConnectAsync(target.Port, end);
        await socket.ReadToEndAsync(end);
        CountRefusal();
    }
}

/// <summary>WebSockets without credentials, which are kept open.</summary>
/// <param name="attackers">How many make them at once; each makes one every 100 ms and keeps 100.</param>
internal sealed class HandshakeFlood(int attackers) : Attack("handshakes", attackers)
{
    private const int Kept = 100;

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
                if (sockets.Count > Kept)
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
            // Given up by the attacker.
        }
    }
}

/// <summary>Requests for approval keys with an app key that there is and a secret that is wrong.</summary>
/// <param name="attackers">How many ask at once, again and again.</param>
internal sealed class WrongSecretFlood(int attackers) : Attack("wrong-secrets", attackers)
{
    private static readonly string s_secret = new('w', 180);

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        if (await AttackSocket.ApprovalKeyAsync(target, s_secret, end) is null)
            CountRefusal();
    }
}
