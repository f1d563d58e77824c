using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>What upstream has, by the events read so far: as things stood when the next frame came. What is known elsewhere is later than that, or earlier. Not for several threads at once.</summary>
/// <param name="catalog">By what notices are taken apart.</param>
internal sealed class ConfirmedKeys(FeedCatalog catalog)
{
    private readonly HashSet<HubKey> _keys = [];

    public void Add(HubKey key) => _keys.Add(key);

    /// <summary>Forgets a key; <see langword="false"/> where upstream did not have it.</summary>
    public bool Remove(HubKey key) => _keys.Remove(key);

    /// <summary>The HTS ID of the one whose an order notice is; <see langword="null"/> for nobody's that is known.</summary>
    public string? OwnerOf(FeedSchema feed, ReadOnlySpan<byte> notice) =>
        NoticeOwner.Find(catalog, notice, [.. _keys.Where(key => key.TrId == feed.TrId).Select(key => key.Key)]);
}
