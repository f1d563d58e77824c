namespace KisFeed.Simulator.Server;

/// <summary>Which app keys have a session: one each. For any thread.</summary>
internal sealed class AppKeyClaims
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    public bool TryClaim(string appKey)
    {
        lock (_gate)
            return _claimed.Add(appKey);
    }

    public void Release(string appKey)
    {
        lock (_gate)
            _claimed.Remove(appKey);
    }
}
