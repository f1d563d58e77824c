namespace KisFeed.Hostile.Attacks;

/// <summary>An endless sequence of a small frame that never completes a message and therefore escapes limits on messages.</summary>
/// <param name="name">The name of the attack.</param>
/// <param name="path">The path of the WebSocket. The handshake of <c>/tryitout</c> needs no credentials.</param>
/// <param name="frame">The frame.</param>
internal sealed class FrameFlood(string name, string path, byte[] frame) : Attack(name, attackers: 4)
{
    private const int FramesAtOnce = 2_000;
    private const string PolicyViolation = "\u0003\u00F0"; // 1008 in a close frame.

    private long _closes;

    /// <summary>Connections that ended with a close frame of status 1008.</summary>
    public long Closes => Volatile.Read(ref _closes);

    /// <summary>An empty fragment without FIN.</summary>
    public static byte[] EmptyContinuation => AttackSocket.Frame(0x00, "");

    public static byte[] Ping => AttackSocket.Frame(0x89, "");

    protected override async Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        var query = path == "/tryitout" ? "" : $"?approval_key={await AttackSocket.ApprovalKeyAsync(target, target.AppSecret, end)}";
        using var socket = await AttackSocket.ConnectAsync(target.Port, end);
        await socket.UpgradeAsync(path + query, end);
        if (frame[0] == 0x00)
            await socket.SendAsync(AttackSocket.Frame(0x01, ""), end);
        var block = Enumerable.Repeat(frame, FramesAtOnce).SelectMany(bytes => bytes).ToArray();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        var reading = socket.ReadToEndAsync(over.Token);
        try
        {
            while (true)
                await socket.SendAsync(block, end);
        }
        finally
        {
            // The last bytes contain the close status.
            over.CancelAfter(TimeSpan.FromSeconds(1));
            if ((await reading.ContinueWith(
                static read => read.IsCompletedSuccessfully ? read.Result : "",
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default))
                .Contains(PolicyViolation, StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _closes);
            }
        }
    }
}
