using System.Buffers;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>The source of the records that sessions send: a market, a capture or another session. Thread-safe.</summary>
internal interface IFeedSource
{
    /// <summary>Whether a key has the right format for a known feed.</summary>
    bool IsWellFormed(string trId, string trKey);

    /// <summary>
    /// Decides whether a session may have a registration, before its client is answered. An admitted registration is subscribed next, and unsubscribed
    /// in the end. The client's next request waits meanwhile. By default a source admits everything.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="trKey">The key within the feed. It is well-formed.</param>
    /// <returns>The code to refuse with, or <see langword="null"/> if the registration is admitted.</returns>
    ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey) => default;

    /// <summary>Starts to deliver records to a registration, one at a time and in order.</summary>
    ValueTask SubscribeAsync(ClientRegistration registration);

    /// <summary>Stops the delivery. After the task has completed, no more records are delivered.</summary>
    ValueTask UnsubscribeAsync(ClientRegistration registration);
}

/// <summary>The format of the keys of each feed. The broker refuses other keys.</summary>
internal static class KeyFormat
{
    private const string Digits = "0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int IndexLength = 4;
    private const int BondLength = 12;
    private const int StockLength = 6;
    private const int CountryLength = 2;

    private static readonly SearchValues<char> s_digits = SearchValues.Create(Digits);
    private static readonly SearchValues<char> s_letters = SearchValues.Create(Letters);
    private static readonly SearchValues<char> s_lettersAndDigits = SearchValues.Create(Digits + Letters);

    /// <summary>Whether a key has the format of a feed. For a feed whose format is unknown, whether the key is plausible at all.</summary>
    public static bool Fits(string trId, string key)
    {
        if (trId == IndexTrade.Feed.TrId)
            return key.Length == IndexLength && !key.AsSpan().ContainsAnyExcept(s_digits);
        if (trId == BondTrade.Feed.TrId)
            return key.Length == BondLength && !key.AsSpan(0, CountryLength).ContainsAnyExcept(s_letters) && !key.AsSpan(CountryLength).ContainsAnyExcept(s_lettersAndDigits);
        if (trId == ProgramTrade.Nxt.TrId || trId == ProgramTrade.Consolidated.TrId || trId == ProgramTrade.Krx.TrId)
            return (key.Length == StockLength || (key.Length == StockLength + 1 && key[0] == 'Q')) && !key.AsSpan().ContainsAnyExcept(s_lettersAndDigits);

        // For example an HTS ID, whose format the broker does not document. Only the usual form of a key has a blank: OESU24 C5500.
        return key.Length > 0
            && !key.AsSpan().ContainsAny('^', '|')
            && (!key.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || (KisFeeds.Catalog.TryFind(trId, out var feed) && feed.KeyForm.Length > 0 && feed.IsUsualKey(key)));
    }
}

/// <summary>
/// Reads the customer of an order notice. On the wire the encryption key identifies the customer. In a decrypted notice only the first column does,
/// and its spelling may differ from the HTS ID.
/// </summary>
internal static class NoticeCustomer
{
    /// <summary>The customer of a plaintext notice, or <see langword="null"/> if it cannot be read.</summary>
    public static string? Of(FeedCatalog catalog, ReadOnlySpan<byte> bytes)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !catalog.TryGet(frame.TrId, out var feed) || !feed.TryResolve(frame, out var shape, out _))
            return null;
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        return reader.MoveNext() ? Encoding.UTF8.GetString(feed.KeyOf(reader.Current)) : null;
    }
}
