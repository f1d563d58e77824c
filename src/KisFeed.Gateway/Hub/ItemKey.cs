using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>A key with its feed, as items refer to it. Immutable; what is derived from it adds its own state.</summary>
internal class ItemKey(FeedSchema feed, string key, RecordVolumes volumes)
{
    public FeedSchema Feed => feed;

    public string Key => key;

    /// <summary>The key as in frames.</summary>
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(key);

    public HubKey HubKey => new(feed.TrId, key);

    /// <summary>Reads the volumes of the feed's records.</summary>
    public RecordVolumes Volumes => volumes;
}
