namespace KisFeed.Server;

/// <summary>Lets an app key ask for approval keys no more often than once in an interval. For any thread.</summary>
internal sealed class ApprovalThrottle(TimeSpan interval, TimeProvider timeProvider)
{
    private const int SweepAt = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _lastGranted = new(StringComparer.Ordinal);

    public bool TryPass(string appKey)
    {
        if (interval == TimeSpan.Zero)
            return true;
        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            if (_lastGranted.TryGetValue(appKey, out var last) && timeProvider.GetElapsedTime(last, now) < interval)
                return false;
            if (_lastGranted.Count >= SweepAt)
                Sweep(now);
            _lastGranted[appKey] = now;
            return true;
        }
    }

    private void Sweep(long now)
    {
        foreach (var (appKey, last) in _lastGranted)
        {
            if (timeProvider.GetElapsedTime(last, now) >= interval)
                _lastGranted.Remove(appKey);
        }
    }
}
