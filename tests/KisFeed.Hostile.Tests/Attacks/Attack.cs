using System.Net.Sockets;

namespace KisFeed.Hostile.Attacks;

/// <summary>An attack that tries to crash or starve a gateway. It continues after refusals until it is cancelled.</summary>
/// <param name="name">The name of the attack.</param>
/// <param name="attackers">The number of simultaneous attackers.</param>
/// <param name="rest">The delay of an attacker after a refusal. Default: 20 ms.</param>
internal abstract class Attack(string name, int attackers, TimeSpan? rest = null)
{
    private static readonly TimeSpan s_defaultRest = TimeSpan.FromMilliseconds(20);

    private long _attempts;
    private long _refusals;

    public string Name => name;

    /// <summary>The number of attempts.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    /// <summary>The number of closed connections and refused requests.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>Attacks until it is cancelled.</summary>
    public Task RunAsync(AttackTarget target, CancellationToken end) =>
        Task.WhenAll(Enumerable.Range(0, attackers).Select(i => Task.Run(() => AttackAsync(target, i, end), CancellationToken.None)));

    /// <summary>Attacks once, until the gateway refuses it.</summary>
    protected abstract Task TryOnceAsync(AttackTarget target, int attacker, CancellationToken end);

    protected void CountRefusal() => Interlocked.Increment(ref _refusals);

    private async Task AttackAsync(AttackTarget target, int attacker, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            Interlocked.Increment(ref _attempts);
            try
            {
                await TryOnceAsync(target, attacker, end);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                CountRefusal(); // Aborted.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(rest ?? s_defaultRest, CancellationToken.None);
        }
    }
}

/// <summary>The target of an attack, and the attacker's credentials.</summary>
/// <param name="Port">The gateway's port on this machine.</param>
/// <param name="AppKey">The app key of a consumer that the attacker has stolen.</param>
/// <param name="AppSecret">Its secret.</param>
internal sealed record AttackTarget(int Port, string AppKey, string AppSecret);

/// <summary>The available attacks.</summary>
internal static class AttackList
{
    /// <summary>Creates all attacks.</summary>
    public static IReadOnlyList<Attack> Create() =>
    [
        new IdleSockets(1_300),
        new HandshakeFlood(20),
        new WrongSecretFlood(20),
        new FrameFlood("continuations", "/tryitout", FrameFlood.EmptyContinuation),
        new FrameFlood("continuations-stream", "/v1/stream", FrameFlood.EmptyContinuation),
        new FrameFlood("pings", "/tryitout", FrameFlood.Ping),
        new FrameFlood("pings-stream", "/v1/stream", FrameFlood.Ping),
        new ManyKeys(),
        new RotatingKeys(),
    ];
}
