using System.Globalization;

namespace KisFeed.Hostile.Attacks;

/// <summary>
/// One connection in the broker's protocol that registers new keys and releases each immediately, which causes requests upstream.
/// </summary>
internal sealed class RotatingKeys() : Attack("rotating-keys", attackers: 1)
{
    // About the request limit of a consumer.
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
        $$$$"""{"header":{"approval_key":"{{{{approvalKey}}}}","custtype":"P","tr_type":"{{{{type}}}}","content-type":"utf-8"}"""
        + $$$$""","body":{"input":{"tr_id":"H0STPGM0","tr_key":"{{{{key}}}}"}}}""";
}
