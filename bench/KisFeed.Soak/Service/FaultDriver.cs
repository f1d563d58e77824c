using System.Collections.Concurrent;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Service;

/// <summary>Injects one fault after another, chosen with a seed.</summary>
internal sealed class FaultDriver(SimulatedService service, FaultWindows windows, int seed, params FaultStep[] additional)
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
        new("several", "split-frames", "grow-columns=1", "bad-utf8=0.005", "garbage=0.005", "duplicate-ack", "slow-ack=20ms")
        {
            Action = ConnectionAction.DropAll,
            Effect = FaultEffect.Noise,
        },
        new("restart") { Action = ConnectionAction.Restart },
    ];

    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private FaultStep[] _remaining = [];
    private int _next;

    /// <summary>The number of each injected fault.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Runs until it is cancelled; no faults are active when the task completes.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await PauseAsync(1_000, 5_000, cancellation);
            if (!cancellation.IsCancellationRequested)
                await ApplyAsync(Choose(), cancellation);
        }
    }

    // Each fault once per round, so that a short run has as many different faults as possible.
    private FaultStep Choose()
    {
        if (_next == _remaining.Length)
        {
            _remaining = [.. s_steps, .. additional];
            _random.Shuffle(_remaining);
            _next = 0;
        }

        return _remaining[_next++];
    }

    private async Task ApplyAsync(FaultStep step, CancellationToken cancellation)
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

    private async Task PauseAsync(int min, int max, CancellationToken cancellation) =>
        await Task.Delay(_random.Next(min, max), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>A temporary fault.</summary>
/// <param name="Name">The name in the figures.</param>
/// <param name="Faults">The faults of the simulator.</param>
internal sealed record FaultStep(string Name, params IReadOnlyList<string> Faults)
{
    /// <summary>The action on connections at its start.</summary>
    public ConnectionAction Action { get; init; }

    /// <summary>The errors that it explains.</summary>
    public FaultEffect Effect { get; init; }
}

/// <summary>An action on connections.</summary>
internal enum ConnectionAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One connection is dropped.</summary>
    DropOne,

    /// <summary>All connections are dropped.</summary>
    DropAll,

    /// <summary>One connection becomes silent.</summary>
    SilenceOne,

    /// <summary>All connections become silent.</summary>
    SilenceAll,

    /// <summary>The simulator is killed and started again.</summary>
    Restart,
}
