using System.Text;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>The source of the records that sessions send: a market, a capture or another session. Thread-safe.</summary>
internal interface IFeedSource
{
    /// <summary>Whether a key has the right format for a known feed.</summary>
    bool IsWellFormed(string trId, string trKey);

    /// <summary>
    /// Decides whether a session may have a registration, before its client is answered. An admitted registration is subscribed next, and
    /// unsubscribed in the end. The client's next request waits meanwhile. By default a source admits everything.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="trKey">The key within the feed. It is well-formed.</param>
    /// <returns>The code to refuse with, or <see langword="null"/> if the registration is admitted.</returns>
    ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey) => default;

    /// <summary>Starts to deliver records to a registration, one at a time and in order.</summary>
    ValueTask SubscribeAsync(ClientRegistration registration);

    /// <summary>Stops the delivery. After the task has completed, no more records are delivered.</summary>
    ValueTask UnsubscribeAsync(ClientRegistration registration);

    /// <summary>Called when a session has ended and its registrations have been unsubscribed. By default nothing follows.</summary>
    ValueTask LeaveAsync(IClientConnection connection) => default;
}

/// <summary>
/// Reads the customer of an order notice. On the wire the encryption key identifies the customer. In a decrypted notice only the first
/// column does, and its spelling may differ from the HTS ID.
/// </summary>
internal static class NoticeCustomer
{
    /// <summary>The customer of a plaintext notice, or <see langword="null"/> if it cannot be read.</summary>
    public static string? Of(FeedCatalog catalog, ReadOnlySpan<byte> bytes)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _)
            || !catalog.TryGet(frame.TrId, out var feed)
            || !feed.TryResolve(frame, out var shape, out _))
        {
            return null;
        }
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        return reader.MoveNext() ? Encoding.UTF8.GetString(feed.KeyOf(reader.Current)) : null;
    }
}
