using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// Brings whole frames, as they were received elsewhere, to the registrations whose records they hold: the very bytes to a session that is
/// registered for all of a frame, and to one that is registered for a part a frame of that part. Frames can be gathered, so that sessions are sent several at once. Belongs to a feed source; one thread at a time.
/// </summary>
/// <param name="catalog">By what frames are taken apart.</param>
internal sealed class FrameDispatcher(FeedCatalog catalog)
{
    private const int ShortKey = 64;

    private readonly Dictionary<string, FeedRegistrations> _feeds = new(StringComparer.Ordinal);
    private readonly BroadcastBuffer _broadcast = new();
    private readonly RecordReaderBuffer _scratch = new();
    private readonly List<SessionOutput> _recipients = [];
    private readonly List<SessionOutput> _picking = [];
    private bool _isSent;

    /// <summary>Registrations that stand.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that have been gathered and not sent.</summary>
    public int Gathered => _broadcast.Length;

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

    /// <summary>Sends a frame to those whom it concerns, as <see cref="Gather"/> and <see cref="Send"/> do.</summary>
    public ReadOnlySpan<SessionOutput> Deliver(string trId, ReadOnlySpan<byte> bytes, string? noticeKey = null)
    {
        Gather(trId, bytes, noticeKey);
        return Send();
    }

    /// <summary>
    /// Takes a frame for those whom it concerns. One that cannot be taken apart, whatever is wrong with it, goes as it is to every session that has
    /// a registration of its feed. A notice in plain form is encrypted for each registration that gets it and never sent plain.
    /// </summary>
    /// <param name="trId">The feed that the frame came by.</param>
    /// <param name="bytes">The frame.</param>
    /// <param name="noticeKey">Of an order notice in plain form, whose it is; <see langword="null"/> where it is everybody's who is registered for the feed.</param>
    public void Gather(string trId, ReadOnlySpan<byte> bytes, string? noticeKey = null)
    {
        if (_isSent)
            ForgetRecipients();
        if (!_feeds.TryGetValue(trId, out var feed))
            return;
        if (!DataFrame.TryParse(bytes, out var frame, out _) || frame.IsEncrypted || !catalog.TryGet(frame.TrId, out var schema) || schema.TrId != trId)
            GatherWhole(feed.All, bytes, records: 0);
        else if (schema.IsNotice)
            SendNotice(noticeKey is null ? feed.All : feed.OfKey(noticeKey), frame);
        else if (_scratch.TryRead(schema, frame, out var reader, out _))
            GatherRecords(feed, schema, frame, ref reader);
        else
            GatherWhole(feed.All, bytes, records: 0);
    }

    /// <summary>Sends what happened to a key, behind what was gathered, to those registered for it whose client asked for such messages.</summary>
    public void SendEvent(ServerEvent happened)
    {
        if (_isSent)
            ForgetRecipients();
        SendGathered();
        if (!_feeds.TryGetValue(happened.TrId!, out var feed))
            return;
        foreach (var registration in happened.TrKey is { } key ? feed.OfKey(key) : feed.All)
        {
            registration.Output.Connection.Send(happened with { TrKey = registration.TrKey });
            AddRecipient(registration.Output);
        }
    }

    /// <summary>Sends what has been gathered.</summary>
    /// <returns>The sessions that got anything since this was called before, each once. Valid until the next frame.</returns>
    public ReadOnlySpan<SessionOutput> Send()
    {
        SendGathered();
        _isSent = true;
        return CollectionsMarshal.AsSpan(_recipients);
    }

    private void SendGathered()
    {
        if (_broadcast.Length == 0)
            return;
        var gathered = _broadcast.Take();
        foreach (var output in CollectionsMarshal.AsSpan(_recipients))
            output.SendGathered(gathered);
    }

    private void GatherWhole(ReadOnlySpan<Registration> registrations, ReadOnlySpan<byte> bytes, int records)
    {
        var start = _broadcast.Length;
        _broadcast.Add(bytes);
        foreach (var registration in registrations)
        {
            registration.Output.Note(start, _broadcast.Length, records);
            AddRecipient(registration.Output);
        }
    }

    // What a session gets before it goes out before it.
    private void SendNotice(ReadOnlySpan<Registration> registrations, in DataFrame frame)
    {
        SendGathered();
        foreach (var registration in registrations)
        {
            registration.DeliverNotice(frame);
            registration.IsServed = true;
            AddRecipient(registration.Output);
        }
    }

    private void GatherRecords(FeedRegistrations feed, FeedSchema schema, in DataFrame frame, ref RecordReader reader)
    {
        var start = frame.PayloadOffset;
        while (reader.MoveNext())
        {
            var length = reader.Current.Text.Length;
            var registrations = Find(feed, FieldText.Trim(reader.Current[schema.KeyColumn]));
            foreach (var registration in registrations)
                registration.IsServed = true;
            if (frame.Count == 1)
            {
                if (!registrations.IsEmpty)
                    GatherWhole(registrations, frame.Bytes, records: 1);
                return;
            }

            Pick(registrations, start, length);
            start += length + 1;
        }

        GatherPicked(frame);
    }

    private void Pick(ReadOnlySpan<Registration> registrations, int start, int length)
    {
        foreach (var registration in registrations)
        {
            if (!registration.Output.HasPicked)
                _picking.Add(registration.Output);
            registration.Output.Pick(start, length);
        }
    }

    private void GatherPicked(in DataFrame frame)
    {
        var (start, end) = (_broadcast.Length, 0);
        foreach (var output in CollectionsMarshal.AsSpan(_picking))
        {
            if (!output.HasPickedAll(frame))
                continue;
            if (end == 0)
            {
                _broadcast.Add(frame.Bytes);
                end = _broadcast.Length;
            }

            output.Note(start, end, frame.Count);
        }

        foreach (var output in CollectionsMarshal.AsSpan(_picking))
        {
            if (!output.HasPickedAll(frame))
                output.GatherPicked(frame, _broadcast);
            output.ForgetPicked();
            AddRecipient(output);
        }

        _picking.Clear();
    }

    // A mark rather than a search: every consumer may be registered for notices.
    private void AddRecipient(SessionOutput output)
    {
        if (output.IsRecipient)
            return;
        output.IsRecipient = true;
        _recipients.Add(output);
    }

    private void ForgetRecipients()
    {
        foreach (var output in _recipients)
            output.IsRecipient = false;
        _recipients.Clear();
        _isSent = false;
    }

    private static ReadOnlySpan<Registration> Find(FeedRegistrations feed, scoped ReadOnlySpan<byte> key)
    {
        if (key.Length > ShortKey)
            return feed.OfKey(Encoding.UTF8.GetString(key));
        Span<char> text = stackalloc char[ShortKey];
        return feed.OfKey(text[..Encoding.UTF8.GetChars(key, text)]);
    }
}
