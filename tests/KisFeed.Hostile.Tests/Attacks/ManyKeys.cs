using System.Globalization;

namespace KisFeed.Hostile.Attacks;

/// <summary>One request for 45 keys, more than the free slots upstream, that is kept open.</summary>
internal sealed class ManyKeys() : Attack("many-keys", attackers: 1)
{
    private const int Keys = 45;

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        var approvalKey = await AttackSocket.ApprovalKeyAsync(target, target.AppSecret, end);
        using var socket = await AttackSocket.ConnectAsync(target.Port, end);
        var keys = string.Join(
            ',', Enumerable.Range(0, Keys).Select(i => string.Create(CultureInfo.InvariantCulture, $"H0STPGM0:{900_000 + i}")));
        await socket.SendAsync($"GET /v1/stream?subscribe={keys}&approval_key={approvalKey} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", end);
        await socket.ReadToEndAsync(end);
        CountRefusal();
    }
}
