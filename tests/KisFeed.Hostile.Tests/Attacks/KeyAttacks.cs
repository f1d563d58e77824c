using System.Globalization;

namespace KisFeed.Hostile.Attacks;

/// <summary>One request for 45 keys at once, more than upstream has places left, that is kept open.</summary>
internal sealed class ManyKeys() : Attack("many-keys", attackers: 1)
{
    private const int Keys = 45;

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        var approvalKey = await AttackSocket.ApprovalKeyAsync(target, target.AppSecret, end);
        using var socket = await AttackSocket.ConnectAsync(target.Port, end);
        var keys = string.Join(',', Enumerable.Range(0, Keys).Select(i => string.Create(CultureInfo.InvariantCulture, $"H0STPGM0:{900_000 + i}")));
        await socket.SendAsync($"GET /v1/stream?subscribe={keys}&approval_key={approvalKey} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", end);
        await socket.ReadToEndAsync(end);
        CountRefusal();
    }
}

/// <summary>One connection in the broker's protocol that registers keys nobody has, and gives each back at once: upstream has to follow.</summary>
internal sealed class RotatingKeys() : Attack("rotating-keys", attackers: 1)
{
    // About as many as a consumer may send.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(40);

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        var approvalKey = await AttackSocket.ApprovalKeyAsync(target, target.AppSecret, end);
        using var socket = await AttackSocket.ConnectAsync(target.Port, end);
        await socket.UpgradeAsync("/tryitout", end);
        var reading = socket.ReadToEndAsync(end);
        for (var i = 0; !reading.IsCompleted; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{100_000 + (i / 2 % 800_000)}");
            await socket.SendAsync(AttackSocket.Frame(0x81, Request(approvalKey, i % 2 == 0 ? "1" : "2", key)), end);
            await Task.Delay(s_pause, end);
        }

        await reading;
        CountRefusal();
    }

    private static string Request(string? approvalKey, string type, string key) =>
        $$$$"""{"header":{"approval_key":"{{{{approvalKey}}}}","custtype":"P","tr_type":"{{{{type}}}}","content-type":"utf-8"},"body":{"input":{"tr_id":"H0STPGM0","tr_key":"{{{{key}}}}"}}}""";
}
