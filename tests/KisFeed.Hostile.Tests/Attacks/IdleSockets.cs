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
