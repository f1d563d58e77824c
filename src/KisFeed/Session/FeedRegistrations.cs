using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>The registrations of one TR ID, found by the key as it stands in a frame.</summary>
internal sealed class FeedRegistrations
{
    private readonly Dictionary<byte[], Registration> _byKey = new(Utf8KeyComparer.Instance);

    /// <summary>What has been received of the feed.</summary>
    public FeedCounters Counters { get; } = new();

    public int Count => _byKey.Count;

    public Dictionary<byte[], Registration>.ValueCollection All => _byKey.Values;

    public Registration? Find(ReadOnlySpan<byte> key) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var registration) ? registration : null;

    public void Add(Registration registration) => _byKey.Add(registration.KeyUtf8.ToArray(), registration);

    public void Remove(Registration registration) => _byKey.Remove(registration.KeyUtf8.ToArray());
}
