using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// Brings whole frames, as they were received elsewhere, to the registrations whose records they hold: the very bytes to a session that is
/// registered for all of a frame, and to one that is registered for a part a frame of that part. Belongs to a feed source; one thread at a time.
/// </summary>
/// <param name="catalog">By what frames are taken apart.</param>
internal sealed class FrameDistributor(FeedCatalog catalog)
{
    private const int ShortKey = 64;

    private readonly Dictionary<string, FeedRegistrations> _feeds = new(StringComparer.Ordinal);
    private readonly List<SessionOutput> _recipients = [];

    /// <summary>Registrations that stand.</summary>
    public int Count { get; private set; }

    /// <summary>All of them.</summary>
    public IEnumerable<Registration> All => _feeds.Values.SelectMany(feed => feed.All.ToArray());

    public void Add(Registration registration)
    {
        if (!_feeds.TryGetValue(registration.TrId, out var feed))
            _feeds.Add(registration.TrId, feed = new FeedRegistrations());
        feed.Add(registration);
        Count++;
    }

    /// <summary>Forgets a registration; <see langword="false"/> where it is not known.</summary>
    public bool Remove(Registration registration)
    {
        if (!_feeds.TryGetValue(registration.TrId, out var feed) || !feed.Remove(registration))
            return false;
        Count--;
        return true;
    }

    /// <summary>Whether somebody is registered for a key.</summary>
    public bool Has(string trId, ReadOnlySpan<char> trKey) => _feeds.TryGetValue(trId, out var feed) && !feed.OfKey(trKey).IsEmpty;

    /// <summary>
    /// Sends a frame to those whom it concerns. One that cannot be taken apart, whatever is wrong with it, goes as it is to every session that has
    /// a registration of its feed. A notice in plain form is encrypted for each registration that gets it and never sent plain.
    /// </summary>
    /// <param name="trId">The feed that the frame came by.</param>
    /// <param name="bytes">The frame.</param>
    /// <param name="noticeKey">Of an order notice in plain form, whose it is; <see langword="null"/> where it is everybody's who is registered for the feed.</param>
    /// <returns>The sessions it was sent to, each once. Valid until the next call.</returns>
    public ReadOnlySpan<SessionOutput> Deliver(string trId, ReadOnlySpan<byte> bytes, string? noticeKey = null)
    {
        ForgetRecipients();
        if (!_feeds.TryGetValue(trId, out var feed))
            return [];
        if (!DataFrame.TryParse(bytes, out var frame, out _) || frame.IsEncrypted || !catalog.TryGet(frame.TrId, out var schema) || schema.TrId != trId)
            DeliverWhole(feed, bytes);
        else if (schema.IsNotice)
            DeliverNotice(noticeKey is null ? feed.All : feed.OfKey(noticeKey), frame);
        else if (schema.TryResolve(frame, out var shape, out _))
            DeliverRecords(feed, schema, frame, shape);
        else
            DeliverWhole(feed, bytes);
        return CollectionsMarshal.AsSpan(_recipients);
    }

    private void DeliverWhole(FeedRegistrations feed, ReadOnlySpan<byte> bytes)
    {
        var shared = new SharedText(bytes);
        foreach (var registration in feed.All)
        {
            if (TryAddRecipient(registration.Output))
                registration.Output.Send(shared, records: 0);
        }
    }

    private void DeliverNotice(ReadOnlySpan<Registration> registrations, in DataFrame frame)
    {
        foreach (var registration in registrations)
        {
            registration.DeliverNotice(frame);
            registration.IsServed = true;
            TryAddRecipient(registration.Output);
        }
    }

    private void DeliverRecords(FeedRegistrations feed, FeedSchema schema, in DataFrame frame, in FrameShape shape)
    {
        Span<int> scratch = stackalloc int[RecordReader.ScratchLength(shape)];
        var reader = new RecordReader(frame, shape, scratch);
        var start = frame.PayloadOffset;
        while (reader.MoveNext())
        {
            var length = reader.Current.Text.Length;
            foreach (var registration in Find(feed, FieldText.Trim(reader.Current[schema.KeyColumn])))
            {
                registration.IsServed = true;
                registration.Output.Pick(start, length);
                TryAddRecipient(registration.Output);
            }

            start += length + 1;
        }

        SharedText? shared = null;
        foreach (var output in _recipients)
        {
            // For one it would be a copy more.
            if (shared is null && _recipients.Count > 1 && output.HasPickedAll(frame))
                shared = new SharedText(frame.Bytes);
            output.SendPicked(frame, shared);
        }
    }

    // A mark rather than a search: every consumer may be registered for notices.
    private bool TryAddRecipient(SessionOutput output)
    {
        if (output.IsRecipient)
            return false;
        output.IsRecipient = true;
        _recipients.Add(output);
        return true;
    }

    private void ForgetRecipients()
    {
        foreach (var output in _recipients)
            output.IsRecipient = false;
        _recipients.Clear();
    }

    private static ReadOnlySpan<Registration> Find(FeedRegistrations feed, scoped ReadOnlySpan<byte> key)
    {
        if (key.Length > ShortKey)
            return feed.OfKey(Encoding.UTF8.GetString(key));
        Span<char> text = stackalloc char[ShortKey];
        return feed.OfKey(text[..Encoding.UTF8.GetChars(key, text)]);
    }
}
