using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Says whose an order notice is. In the service that shows by the key under which it is encrypted, which is gone when it arrives here. What is left is the
/// customer in its first column, in a spelling that need not be that of the HTS ID, and the HTS IDs that are registered upstream.
/// </summary>
internal static class NoticeOwner
{
    /// <summary>
    /// The HTS ID among those registered: the customer of the notice, or the only one there is. Else nobody's, rather than somebody else's.
    /// </summary>
    /// <param name="catalog">By what the notice is taken apart.</param>
    /// <param name="bytes">The notice in plain form.</param>
    /// <param name="registered">The HTS IDs that upstream had registered for the feed when the notice came.</param>
    public static string? Find(FeedCatalog catalog, ReadOnlySpan<byte> bytes, IReadOnlyList<string> registered)
    {
        var customer = NoticeCustomer.Of(catalog, bytes);
        return registered.FirstOrDefault(id => string.Equals(id, customer, StringComparison.Ordinal)) ?? (registered.Count == 1 ? registered[0] : null);
    }
}
