using System.Net.Sockets;

namespace KisFeed.Hostile.Attacks;

/// <summary>Something that tries to kill or starve a gateway. It goes on, whatever is done to it, until it is told to end.</summary>
/// <param name="name">What it is called.</param>
/// <param name="attackers">How many attack at once.</param>
/// <param name="rest">How long an attacker rests when it has been refused. Default: 20 ms.</param>
internal abstract class Attack(string name, int attackers, TimeSpan? rest = null)
{
    private static readonly TimeSpan s_usualRest = TimeSpan.FromMilliseconds(20);

    private long _attempts;
    private long _refusals;

    public string Name => name;

    /// <summary>How often something was tried.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    /// <summary>How often the gateway closed a connection for it, or refused a request.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>Attacks until it is cancelled.</summary>
    public Task RunAsync(AttackTarget target, CancellationToken end) => Task.WhenAll(Enumerable.Range(0, attackers).Select(i => Task.Run(() => AttackAsync(target, i, end), CancellationToken.None)));

    /// <summary>Does it once, to the end that the gateway makes of it.</summary>
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
                CountRefusal(); // Broken off.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(rest ?? s_usualRest, CancellationToken.None);
        }
    }
}

/// <summary>Whom an attack is on, and what the attacker has.</summary>
/// <param name="Port">The gateway's port on this machine.</param>
/// <param name="AppKey">The app key of a consumer, which the attacker has got hold of.</param>
/// <param name="AppSecret">Its secret.</param>
internal sealed record AttackTarget(int Port, string AppKey, string AppSecret);

/// <summary>The attacks that there are.</summary>
internal static class AttackList
{
    /// <summary>All of them, each new.</summary>
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
