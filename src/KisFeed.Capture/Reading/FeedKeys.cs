using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The keys of a feed that have been met in a capture.</summary>
internal sealed class FeedKeys(FeedSchema feed)
{
    private readonly Dictionary<byte[], KeyHistory> _keys = new(Utf8KeyComparer.Instance);

    public FeedSchema Feed => feed;

    public RecordVolumes Volumes { get; } = new(feed);

    public IEnumerable<KeyHistory> All => _keys.Values;

    public KeyHistory? Find(ReadOnlySpan<byte> key) => _keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var history) ? history : null;

    public KeyHistory Add(ReadOnlySpan<byte> key)
    {
        var name = key.ToArray();
        var history = new KeyHistory(name);
        _keys.Add(name, history);
        return history;
    }
}
