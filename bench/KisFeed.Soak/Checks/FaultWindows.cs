namespace KisFeed.Soak.Checks;

/// <summary>The periods in which faults of the simulator explain unreadable data. Thread-safe.</summary>
internal sealed class FaultWindows
{
    // Queued messages still arrive after a fault, and the client still recovers from it.
    private static readonly TimeSpan s_recoveryTime = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<FaultEffect, List<(DateTimeOffset From, DateTimeOffset? To)>> _windows = [];

    public void Begin(FaultEffect effect)
    {
        lock (_gate)
        {
            if (!_windows.TryGetValue(effect, out var list))
                _windows.Add(effect, list = []);
            list.Add((DateTimeOffset.UtcNow, null));
        }
    }

    /// <summary>Ends the open windows.</summary>
    public void End()
    {
        lock (_gate)
        {
            foreach (var list in _windows.Values)
            {
                if (list is [.., { To: null } last])
                    list[^1] = last with { To = DateTimeOffset.UtcNow + s_recoveryTime };
            }
        }
    }

    /// <summary>Whether an effect explains something received at a time.</summary>
    public bool Covers(FaultEffect effect, DateTimeOffset at)
    {
        lock (_gate)
        {
            // Consumers lag behind, so it may be an earlier window.
            return _windows.TryGetValue(effect, out var list) && list.FindLastIndex(w => at >= w.From && (w.To is null || at <= w.To)) >= 0;
        }
    }
}
