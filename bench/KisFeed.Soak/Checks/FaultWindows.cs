namespace KisFeed.Soak.Checks;

/// <summary>When the simulator sent what explains that something cannot be read. For any thread.</summary>
internal sealed class FaultWindows
{
    // What the simulator has queued still comes, and what it did is still being mended.
    private static readonly TimeSpan s_aftermath = TimeSpan.FromSeconds(15);

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

    /// <summary>Ends those that are open.</summary>
    public void End()
    {
        lock (_gate)
        {
            foreach (var list in _windows.Values)
            {
                if (list is [.., { To: null } last])
                    list[^1] = last with { To = DateTimeOffset.UtcNow + s_aftermath };
            }
        }
    }

    /// <summary>Whether something received at an instant is explained by an effect.</summary>
    public bool Covers(FaultEffect effect, DateTimeOffset at)
    {
        lock (_gate)
        {
            // Consumers are late, so the latest is not always the one.
            return _windows.TryGetValue(effect, out var list) && list.FindLastIndex(w => at >= w.From && (w.To is null || at <= w.To)) >= 0;
        }
    }
}
