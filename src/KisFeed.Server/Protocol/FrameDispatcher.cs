using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Dispatches whole frames from another source to the registrations of their records. A session that is registered for all records of a
/// frame gets the original bytes; a session that is registered for some of them gets a frame of those. Frames can be buffered, so that a
/// session is sent several at once. Owned by a feed source; not thread-safe.
/// </summary>
/// <remarks>
/// Sessions of a revision have a dispatcher of their own, which gets every frame in that revision. The others pay nothing for it.
/// </remarks>
/// <param name="catalog">The feeds that frames are parsed with.</param>
/// <param name="revision">The revision of the sessions and of the frames that it gets; <see langword="null"/>
/// for sessions of any revision.</param>
internal sealed class FrameDispatcher(FeedCatalog catalog, LayoutRevision? revision = null)
{
    private const int ShortKey = 64;

    private readonly Dictionary<string, RegistrationsByKey> _feeds = new(StringComparer.Ordinal);
    private readonly BroadcastBuffer _broadcast = new();
    private readonly RecordReaderBuffer _readerBuffer = new();
    private readonly List<SessionOutput> _recipients = [];
    private readonly List<SessionOutput> _selecting = [];
    private readonly List<(LayoutRevision Revision, FrameDispatcher Dispatcher)> _revised = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private ServerEvent? _source;
    private bool _isSent;

    public int Count { get; private set; }

    /// <summary>Bytes that are buffered and not sent yet.</summary>
    public int BufferedBytes => _broadcast.Length + _revised.Sum(static r => r.Dispatcher.BufferedBytes);

    public IEnumerable<ClientRegistration> All =>
        _feeds.Values.SelectMany(feed => feed.All.ToArray()).Concat(_revised.SelectMany(r => r.Dispatcher.All));

    public void Add(ClientRegistration registration)
    {
        if (registration.Output.Revision is { } other && other != revision)
        {
            DispatcherOf(other).Add(registration);
            Count++;
            return;
        }

        if (!_feeds.TryGetValue(registration.TrId, out var feed))
            _feeds.Add(registration.TrId, feed = new RegistrationsByKey());
        feed.Add(registration);
        if (_source is not null)
            registration.Output.State(_source);
        Count++;
    }

    /// <summary>Removes a registration. Returns <see langword="false"/> if it is unknown.</summary>
    public bool Remove(ClientRegistration registration)
    {
        if (registration.Output.Revision is { } other && other != revision)
        {
            var index = _revised.FindIndex(r => r.Revision == other);
            if (index < 0 || !_revised[index].Dispatcher.Remove(registration))
                return false;
            if (_revised[index].Dispatcher.Count == 0)
                _revised.RemoveAt(index);
            Count--;
            return true;
        }

        if (!_feeds.TryGetValue(registration.TrId, out var feed) || !feed.Remove(registration))
            return false;
        Count--;
        return true;
    }

    public bool Has(string trId, ReadOnlySpan<char> trKey)
    {
        if (_feeds.TryGetValue(trId, out var feed) && !feed.OfKey(trKey).IsEmpty)
            return true;
        foreach (var (_, dispatcher) in _revised)
        {
            if (dispatcher.Has(trId, trKey))
                return true;
        }

        return false;
    }

    /// <summary>Sends a frame to the sessions registered for its records: <see cref="Buffer"/> followed by <see cref="Flush"/>.</summary>
    public ReadOnlySpan<SessionOutput> Deliver(string trId, ReadOnlySpan<byte> bytes, string? noticeKey = null)
    {
        Buffer(trId, bytes, noticeKey);
        return Flush();
    }

    /// <summary>
    /// Buffers a frame for the sessions registered for its records. A frame that cannot be parsed goes unchanged to every session that has
    /// a registration of its feed. A plaintext notice is encrypted for each registration that gets it, and never sent as plaintext.
    /// </summary>
    /// <param name="trId">The feed on which the frame was received.</param>
    /// <param name="bytes">The frame.</param>
    /// <param name="noticeKey">The key of a plaintext order notice, or <see langword="null"/> if it goes to all
    /// registrations of the feed.</param>
    public void Buffer(string trId, ReadOnlySpan<byte> bytes, string? noticeKey = null)
    {
        if (_isSent)
            ClearRecipients();
        foreach (var (other, dispatcher) in _revised)
            BufferRevised(other, dispatcher, trId, bytes, noticeKey);
        if (!_feeds.TryGetValue(trId, out var feed))
            return;
        if (!DataFrame.TryParse(bytes, out var frame, out _)
            || frame.IsEncrypted
            || !catalog.TryGet(frame.TrId, out var schema)
            || schema.TrId != trId)
        {
            BufferWhole(feed.All, bytes, records: 0);
        }
        else if (schema.IsNotice)
        {
            SendNotice(noticeKey is null ? feed.All : feed.OfKey(noticeKey), frame);
        }
        else if (_readerBuffer.TryRead(schema, frame, out var reader, out _))
        {
            BufferRecords(feed, schema, frame, ref reader);
        }
        else
        {
            BufferWhole(feed.All, bytes, records: 0);
        }
    }

    /// <summary>States to all sessions, after the buffered frames, where the frames that follow come from, and their day.</summary>
    public void State(ServerEvent source)
    {
        if (_isSent)
            ClearRecipients();
        SendBuffered();
        _source = source;
        foreach (var (_, dispatcher) in _revised)
            dispatcher.State(source);
        foreach (var feed in _feeds.Values)
        {
            foreach (var registration in feed.All)
                registration.Output.State(source);
        }
    }

    /// <summary>
    /// Sends an event of a key, after the buffered frames, to the registered sessions whose clients asked for server events.
    /// </summary>
    public void SendEvent(ServerEvent happened)
    {
        if (_isSent)
            ClearRecipients();
        SendBuffered();
        foreach (var (_, dispatcher) in _revised)
            dispatcher.SendEvent(happened);
        if (!_feeds.TryGetValue(happened.TrId!, out var feed))
            return;
        foreach (var registration in happened.TrKey is { } key ? feed.OfKey(key) : feed.All)
        {
            registration.Output.Connection.Send(happened with { TrKey = registration.TrKey });
            AddRecipient(registration.Output);
        }
    }

    /// <summary>Sends the buffered frames.</summary>
    /// <returns>The sessions that were sent anything since the previous call, each once. Valid until the next frame.</returns>
    public ReadOnlySpan<SessionOutput> Flush()
    {
        SendBuffered();
        foreach (var (_, dispatcher) in _revised)
            _recipients.AddRange(dispatcher.Flush());
        _isSent = true;
        return CollectionsMarshal.AsSpan(_recipients);
    }

    private FrameDispatcher DispatcherOf(LayoutRevision other)
    {
        foreach (var (known, dispatcher) in _revised)
        {
            if (known == other)
                return dispatcher;
        }

        var added = new FrameDispatcher(new FeedCatalog([.. catalog.Feeds.Select(other.FeedOf)]), other) { _source = _source };
        _revised.Add((other, added));
        return added;
    }

    // A frame that cannot be read, or that the revision does not change, stays as it is.
    private void BufferRevised(LayoutRevision other, FrameDispatcher dispatcher, string trId, ReadOnlySpan<byte> bytes, string? noticeKey)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _)
            || !(other.Concerns(trId) || (other.IsSingle && frame.Count > 1))
            || frame.IsEncrypted || !catalog.TryGet(frame.TrId, out var schema) || schema.TrId != trId
            || !_readerBuffer.TryRead(schema, frame, out var reader, out _))
        {
            dispatcher.Buffer(trId, bytes, noticeKey);
            return;
        }

        for (_frame.ResetWrittenCount(); other.TryWriteFrame(schema, frame, ref reader, _frame); _frame.ResetWrittenCount())
            dispatcher.Buffer(trId, _frame.WrittenSpan, noticeKey);
    }

    private void SendBuffered()
    {
        if (_broadcast.Length == 0)
            return;
        var buffered = _broadcast.Drain();
        foreach (var output in CollectionsMarshal.AsSpan(_recipients))
            output.SendBuffered(buffered);
    }

    private void BufferWhole(ReadOnlySpan<ClientRegistration> registrations, ReadOnlySpan<byte> bytes, int records)
    {
        var start = _broadcast.Length;
        _broadcast.Add(bytes);
        foreach (var registration in registrations)
        {
            registration.Output.AddRange(start, _broadcast.Length, records);
            AddRecipient(registration.Output);
        }
    }

    // Frames that were buffered before the notice are sent before it.
    private void SendNotice(ReadOnlySpan<ClientRegistration> registrations, in DataFrame frame)
    {
        SendBuffered();
        foreach (var registration in registrations)
        {
            registration.DeliverNotice(frame);
            registration.IsServed = true;
            AddRecipient(registration.Output);
        }
    }

    private void BufferRecords(RegistrationsByKey feed, FeedSchema schema, in DataFrame frame, ref RecordReader reader)
    {
        var start = frame.PayloadOffset;
        while (reader.MoveNext())
        {
            var length = reader.Current.Text.Length;
            var registrations = Find(feed, schema.KeyOf(reader.Current));
            foreach (var registration in registrations)
                registration.IsServed = true;
            if (frame.Count == 1)
            {
                if (!registrations.IsEmpty)
                    BufferWhole(registrations, frame.Bytes, records: 1);
                return;
            }

            Select(registrations, start, length);
            start += length + 1;
        }

        BufferSelected(frame);
    }

    private void Select(ReadOnlySpan<ClientRegistration> registrations, int start, int length)
    {
        foreach (var registration in registrations)
        {
            if (!registration.Output.HasSelection)
                _selecting.Add(registration.Output);
            registration.Output.Select(start, length);
        }
    }

    private void BufferSelected(in DataFrame frame)
    {
        var (start, end) = (_broadcast.Length, 0);
        foreach (var output in CollectionsMarshal.AsSpan(_selecting))
        {
            if (!output.HasSelectedAll(frame))
                continue;
            if (end == 0)
            {
                _broadcast.Add(frame.Bytes);
                end = _broadcast.Length;
            }

            output.AddRange(start, end, frame.Count);
        }

        foreach (var output in CollectionsMarshal.AsSpan(_selecting))
        {
            if (!output.HasSelectedAll(frame))
                output.BufferSelected(frame, _broadcast);
            output.ClearSelection();
            AddRecipient(output);
        }

        _selecting.Clear();
    }

    // A flag rather than a search, because every session may be registered for notices.
    private void AddRecipient(SessionOutput output)
    {
        if (output.IsRecipient)
            return;
        output.IsRecipient = true;
        _recipients.Add(output);
    }

    private void ClearRecipients()
    {
        foreach (var output in _recipients)
            output.IsRecipient = false;
        _recipients.Clear();
        _isSent = false;
    }

    private static ReadOnlySpan<ClientRegistration> Find(RegistrationsByKey feed, scoped ReadOnlySpan<byte> key)
    {
        if (key.Length > ShortKey)
            return feed.OfKey(Encoding.UTF8.GetString(key));
        Span<char> text = stackalloc char[ShortKey];
        return feed.OfKey(text[..Encoding.UTF8.GetChars(key, text)]);
    }
}
