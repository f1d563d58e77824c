using System.Collections.Concurrent;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Service;

/// <summary>Lets one thing after another go wrong, chosen from the seed.</summary>
internal sealed class FaultDriver(SimulatedService service, FaultWindows windows, int seed, params FaultStep[] more)
{
    private static readonly FaultStep[] s_steps =
    [
        new("drop all") { Action = ConnectionAction.DropAll },
        new("drop one") { Action = ConnectionAction.DropOne },
        new("drop one, again") { Action = ConnectionAction.DropOne },
        new("drop-after", "drop-after=2000"),
        new("silence all") { Action = ConnectionAction.SilenceAll },
        new("silence one") { Action = ConnectionAction.SilenceOne },
        new("silent-after", "silent-after=5000"),
        new("bad-utf8", "bad-utf8=0.01") { Effect = FaultEffect.Noise },
        new("garbage", "garbage=0.01") { Effect = FaultEffect.Noise },
        new("duplicate-ack", "duplicate-ack") { Action = ConnectionAction.DropAll },
        new("reorder-ack", "reorder-ack") { Action = ConnectionAction.DropOne },
        new("slow-ack", "slow-ack=200ms") { Action = ConnectionAction.DropOne },
        new("lose-ack", "lose-ack=0.1") { Action = ConnectionAction.DropOne, Effect = FaultEffect.LostKeys },
        new("refuse", "refuse=OPSP0007") { Action = ConnectionAction.DropOne },
        new("split-frames", "split-frames"),
        new("grow-columns", "grow-columns=2"),
        new("hold-app-key", "hold-app-key=700ms") { Action = ConnectionAction.DropAll },
        new("kick-on-connect", "kick-on-connect=2") { Action = ConnectionAction.DropAll },
        new("approval-fails", "approval-fails=2", "refuse=OPSP0011:1") { Action = ConnectionAction.DropOne },
        new("several", "split-frames", "grow-columns=1", "bad-utf8=0.005", "garbage=0.005", "duplicate-ack", "slow-ack=20ms") { Action = ConnectionAction.DropAll, Effect = FaultEffect.Noise },
        new("restart") { Action = ConnectionAction.Restart },
    ];

    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private FaultStep[] _left = [];
    private int _next;

    /// <summary>How often each thing has gone wrong.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Goes on until it is cancelled; nothing goes wrong any more when it has ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await PauseAsync(1_000, 5_000, cancellation);
            if (!cancellation.IsCancellationRequested)
                await TakeAsync(Choose(), cancellation);
        }
    }

    // Each of them once in every round, so that a short run has as many kinds as it has room for.
    private FaultStep Choose()
    {
        if (_next == _left.Length)
        {
            _left = [.. s_steps, .. more];
            _random.Shuffle(_left);
            _next = 0;
        }

        return _left[_next++];
    }

    private async Task TakeAsync(FaultStep step, CancellationToken cancellation)
    {
        _counts.AddOrUpdate(step.Name, 1, (_, count) => count + 1);
        foreach (var effect in Enum.GetValues<FaultEffect>().Where(e => e != FaultEffect.None && step.Effect.HasFlag(e)))
            windows.Begin(effect);
        await service.SetFaultsAsync([.. step.Faults]);
        await ActAsync(step.Action);
        await PauseAsync(500, 3_000, cancellation);
        await service.SetFaultsAsync();
        windows.End();
    }

    private Task ActAsync(ConnectionAction action) => action switch
    {
        ConnectionAction.DropOne => service.ActAsync("drop", _random.Next(3)),
        ConnectionAction.DropAll => service.ActAsync("drop", null),
        ConnectionAction.SilenceOne => service.ActAsync("silence", _random.Next(3)),
        ConnectionAction.SilenceAll => service.ActAsync("silence", null),
        ConnectionAction.Restart => service.RestartAsync(),
        _ => Task.CompletedTask,
    };

    private async Task PauseAsync(int least, int most, CancellationToken cancellation) =>
        await Task.Delay(_random.Next(least, most), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>Something that goes wrong for a while.</summary>
/// <param name="Name">What the figures call it.</param>
/// <param name="Faults">What the simulator is told to do.</param>
internal sealed record FaultStep(string Name, params IReadOnlyList<string> Faults)
{
    /// <summary>What is done to connections as it begins.</summary>
    public ConnectionAction Action { get; init; }

    /// <summary>What it explains.</summary>
    public FaultEffect Effect { get; init; }
}

/// <summary>What is done to connections.</summary>
internal enum ConnectionAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One is cut.</summary>
    DropOne,

    /// <summary>All are cut.</summary>
    DropAll,

    /// <summary>One falls silent.</summary>
    SilenceOne,

    /// <summary>All fall silent.</summary>
    SilenceAll,

    /// <summary>The simulator is killed, and started again.</summary>
    Restart,
}
