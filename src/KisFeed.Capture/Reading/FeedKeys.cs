using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The keys of a feed that have been met in a capture.</summary>
internal sealed class FeedKeys(FeedSchema feed)
{
    private readonly Dictionary<byte[], KeyHistory> _keys = new(Utf8KeyComparer.Instance);

    public FeedSchema Feed => feed;

    public IEnumerable<KeyHistory> All => _keys.Values;

    public KeyHistory Get(ReadOnlySpan<byte> key)
    {
        if (!_keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var history))
            _keys.Add(key.ToArray(), history = new KeyHistory(feed, key));
        return history;
    }
}
