namespace KisFeed.Hostile.Attacks;

/// <summary>Connections without any data, reopened one second after they are closed.</summary>
/// <param name="connections">The number of simultaneous connections.</param>
internal sealed class IdleSockets(int connections) : Attack("idle", connections, TimeSpan.FromSeconds(1))
{
    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        using var socket = await AttackSocket.ConnectAsync(target.Port, end);
        await socket.ReadToEndAsync(end);
        CountRefusal();
    }
}
