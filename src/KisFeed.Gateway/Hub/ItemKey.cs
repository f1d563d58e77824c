using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>A key with its feed, as items refer to it. Immutable; what is derived from it adds its own state.</summary>
internal class ItemKey(FeedSchema feed, string key, RecordVolumes volumes)
{
    public FeedSchema Feed => feed;

    public string Key => key;

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(key);

    public HubKey HubKey => new(feed.TrId, key);

    public RecordVolumes Volumes => volumes;
}
