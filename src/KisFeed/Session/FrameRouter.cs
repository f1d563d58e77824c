using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Session;

/// <summary>
/// Finds the registrations that a data frame belongs to: by the key of each of its records, and for order notices by the key that decrypts
/// them. A malformed frame is reported to every registration whose data it may contain.
/// </summary>
internal sealed class FrameRouter(FeedCatalog catalog, RegistrationTable table, IFrameActions actions)
{
    // Layouts drift by a few columns. A server that sends more widths than this is broken, and further warnings would not help.
    private const int MaxWidthWarnings = 64;

    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly HashSet<(string TrId, int Width)> _unknownWidths = [];
    private readonly List<Registration> _receivers = [];
    private readonly Dictionary<byte[], FeedRoute> _routes = new(TrIdComparer.Instance);
    private readonly RecordReaderBuffer _scratch = new();
    private FeedRoute? _lastRoute;
    private long _frame;

    /// <summary>Number of data frames received.</summary>
    public long Frames => _frame;

    /// <summary>Number of frames that could not be read.</summary>
    public long Malformed { get; private set; }

    /// <summary>Number of records whose key is not registered, as they arrive for a moment after a release.</summary>
    public long Unrouted { get; private set; }

    // The registrations that receive the current frame, each once.
    private ReadOnlySpan<Registration> Receivers => CollectionsMarshal.AsSpan(_receivers);

    /// <summary>The trading day that the server states for the frames that follow; <see langword="null"/> if it states none.</summary>
    public DateOnly? StatedDay { get; set; }

    /// <summary>Dispatches a message to the registrations it belongs to.</summary>
    /// <returns>Whether it contains data of a registration.</returns>
    public bool Route(ReadOnlySpan<byte> bytes, DateTimeOffset receivedAt)
    {
        _frame++;
        return RouteFrame(bytes, receivedAt);
    }

    /// <summary>Reports a message that cannot be attributed to any registration to all of them.</summary>
    public void ReportMalformedToAll(FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        Malformed++;
        DeliverMalformed(table.All.Where(registration => registration.IsOnWire), error, raw, receivedAt);
    }

    private bool RouteFrame(ReadOnlySpan<byte> bytes, DateTimeOffset receivedAt)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out var error))
        {
            ReportMalformedToAll(error, bytes, receivedAt);
            return false;
        }

        frame = frame with { StatedDay = StatedDay };
        if (FindRoute(frame.TrId) is not { Feed: var feed } route)
        {
            ReportMalformedToAll(new FrameError(FrameErrorKind.UnknownTrId, 2), bytes, receivedAt);
            return false;
        }

        if (route.Registrations is not { Count: > 0 } registrations)
        {
            Unrouted += frame.Count;
            return false;
        }

        registrations.Counters.Frame(bytes.Length);
        if (frame.IsEncrypted)
            return RouteEncrypted(frame, feed, registrations, receivedAt);
        if (IsText(frame, out error) && feed.TryResolve(frame, out var shape, out error))
            return RoutePlain(frame, shape, feed, registrations, receivedAt);
        ReportMalformedToFeed(registrations, error, bytes, receivedAt);
        return false;
    }

    // Frames of a feed arrive in runs.
    private FeedRoute? FindRoute(ReadOnlySpan<byte> trId)
    {
        if (_lastRoute is { } last && trId.SequenceEqual(last.TrId))
            return last;
        if (!_routes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(trId, out var route))
        {
            if (!catalog.TryGet(trId, out var feed))
                return null;
            route = new FeedRoute(trId.ToArray(), feed);
            _routes.Add(route.TrId, route);
        }

        // The table never replaces the registrations of a feed once they exist.
        route.Registrations ??= table.OfFeed(route.Feed);
        if (route.Registrations is not null)
            _lastRoute = route;
        return route;
    }

    private bool RoutePlain(
        in DataFrame frame, in FrameShape shape, FeedSchema feed, FeedRegistrations registrations, DateTimeOffset receivedAt)
    {
        ReportUnknownWidth(feed, shape);
        _receivers.Clear();
        registrations.Counters.Records += shape.Count;
        if (feed.IsNotice)
            return RouteNotice(frame, shape, feed, registrations, receivedAt);
        if (shape.Count == 1)
            RouteRecord(KeyOfOnly(frame, shape, feed), registrations);
        else
            RouteRecords(frame, shape, feed, registrations);
        return Deliver(frame, shape, receivedAt);
    }

    private void RouteRecords(in DataFrame frame, in FrameShape shape, FeedSchema feed, FeedRegistrations registrations)
    {
        var reader = _scratch.Read(frame, shape);
        while (reader.MoveNext())
            RouteRecord(reader.Current[feed.KeyColumn], registrations);
    }

    private void RouteRecord(ReadOnlySpan<byte> key, FeedRegistrations registrations)
    {
        if (registrations.Find(FieldText.Trim(key)) is { } registration)
            ReceiveOnce(registration);
        else
            Unrouted++;
    }

    // An order notice in plain form names its customer in a spelling of its own. A single registration is the only possible
    // receiver. Among several it is the one with the same spelling, or else the only one that differs in case: nobody may
    // receive the notices of another account.
    private bool RouteNotice(
        in DataFrame frame, in FrameShape shape, FeedSchema feed, FeedRegistrations registrations, DateTimeOffset receivedAt)
    {
        var owner = registrations.Count == 1 ? registrations.All.First() : OwnerOf(frame, shape, feed, registrations, key: null);
        if (owner is null)
        {
            ReportMalformedToFeed(
                registrations, new FrameError(FrameErrorKind.UnknownCustomer, frame.PayloadOffset), frame.Bytes, receivedAt);
            return false;
        }

        ReceiveOnce(owner);
        return Deliver(frame, shape, receivedAt);
    }

    // Only registrations with the key are possible; all of them if it is null.
    private Registration? OwnerOf(in DataFrame frame, in FrameShape shape, FeedSchema feed, FeedRegistrations registrations, NoticeKey? key)
    {
        Registration? owner = null;
        var reader = _scratch.Read(frame, shape);
        while (reader.MoveNext())
        {
            var customer = feed.KeyOf(reader.Current);
            var registration = registrations.Find(customer);
            if (registration is null || !HasKey(registration, key))
                registration = FindIgnoringCase(Encoding.UTF8.GetString(customer), registrations, key);
            if (registration is null || (owner is not null && owner != registration))
                return null;
            owner = registration;
        }

        return owner;
    }

    // The broker may use one key for all registrations of a session. Then the key does not say whose notice it is.
    private Registration? OwnerOf(
        Registration decrypting, in DataFrame plain, in FrameShape shape, FeedSchema feed, FeedRegistrations registrations)
    {
        var key = decrypting.Cipher!.Key;
        foreach (var other in registrations.All)
        {
            if (other != decrypting && HasKey(other, key))
                return OwnerOf(plain, shape, feed, registrations, key);
        }

        return decrypting;
    }

    private static Registration? FindIgnoringCase(string customer, FeedRegistrations registrations, NoticeKey? key)
    {
        Registration? found = null;
        foreach (var registration in registrations.All)
        {
            if (!HasKey(registration, key) || !registration.Key.Equals(customer, StringComparison.OrdinalIgnoreCase))
                continue;
            if (found is not null)
                return null;
            found = registration;
        }

        return found;
    }

    private static bool HasKey(Registration registration, NoticeKey? key) => key is null || registration.Cipher?.Key.Matches(key) == true;

    // Most frames have one record with the key in one of the first columns, so the other columns are not searched.
    private static ReadOnlySpan<byte> KeyOfOnly(in DataFrame frame, in FrameShape shape, FeedSchema feed)
    {
        var position = shape.Layout.PositionOf(feed.KeyColumn);
        if (position < 0)
            return default;
        var rest = frame.Payload;
        for (var i = 0; i < position; i++)
            rest = rest[(rest.IndexOf((byte)'^') + 1)..];
        var length = rest.IndexOf((byte)'^');
        return length < 0 ? rest : rest[..length];
    }

    private bool RouteEncrypted(in DataFrame frame, FeedSchema feed, FeedRegistrations registrations, DateTimeOffset receivedAt)
    {
        var error = new FrameError(FrameErrorKind.NoNoticeKey, frame.PayloadOffset);
        foreach (var registration in registrations.All)
        {
            if (registration.Cipher is not { } cipher)
            {
                if (registration.HasInvalidKey)
                    error = new FrameError(FrameErrorKind.InvalidNoticeKey, frame.PayloadOffset);
                continue;
            }

            _plain.ResetWrittenCount();
            if (!cipher.TryDecrypt(frame, _plain, out error))
                continue;

            try
            {
                _ = DataFrame.TryParse(_plain.WrittenSpan, out var plain, out _);
                plain = plain with { StatedDay = StatedDay };
                if (IsText(plain, out error) && feed.TryResolve(plain, out var shape, out error))
                {
                    ReportUnknownWidth(feed, shape);
                    registrations.Counters.Records += shape.Count;
                    _receivers.Clear();
                    if (OwnerOf(registration, plain, shape, feed, registrations) is not { } owner)
                    {
                        ReportMalformedToFeed(
                            registrations, new FrameError(FrameErrorKind.UnknownCustomer, plain.PayloadOffset), frame.Bytes, receivedAt);
                        return false;
                    }

                    ReceiveOnce(owner);
                    return Deliver(plain, shape, receivedAt);
                }

                Malformed++;
                registrations.Counters.Malformed++;
                DeliverMalformed([registration], error, plain.Bytes, receivedAt);
                return false;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(_plain.WrittenMemory).Span);
            }
        }

        ReportMalformedToFeed(registrations, error, frame.Bytes, receivedAt);
        return false;
    }

    // The parser guarantees that a frame is ASCII up to its payload.
    private static bool IsText(in DataFrame frame, out FrameError error)
    {
        var position = Utf8Text.IndexOfInvalid(frame.Payload);
        error = position < 0 ? default : new FrameError(FrameErrorKind.InvalidUtf8, frame.PayloadOffset + position);
        return position < 0;
    }

    private void ReportMalformedToFeed(
        FeedRegistrations registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        Malformed++;
        registrations.Counters.Malformed++;
        DeliverMalformed(registrations.All, error, raw, receivedAt);
    }

    private void DeliverMalformed(
        IEnumerable<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        _receivers.Clear();
        _receivers.AddRange(registrations.Where(registration => !registration.WasEvicted));
        if (_receivers.Count > 0)
            actions.DeliverMalformed(Receivers, error, raw, receivedAt);
    }

    private void ReceiveOnce(Registration registration)
    {
        if (registration.LastFrame == _frame || registration.WasEvicted)
            return;
        registration.LastFrame = _frame;
        registration.IsInterrupted = false; // The frame may arrive before the confirmation; data missed after it are another gap.
        _receivers.Add(registration);
    }

    private bool Deliver(in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        if (_receivers.Count == 0)
            return false;
        actions.Deliver(Receivers, frame, shape, receivedAt);
        foreach (var registration in _receivers)
        {
            if (registration is not { WasReleased: true, WasConfirmed: true })
                continue;

            // Sent before the release took effect, or already after the registration was sent again; only its confirmation decides.
            registration.IsInterrupted = true;
            actions.Interrupted(registration, GapReason.Renewed);
        }

        return true;
    }

    private void ReportUnknownWidth(FeedSchema feed, in FrameShape shape)
    {
        if (shape.IsUnknownWidth && _unknownWidths.Count < MaxWidthWarnings && _unknownWidths.Add((feed.TrId, shape.Width)))
            actions.UnknownWidth(feed, shape);
    }

    private sealed class FeedRoute(byte[] trId, FeedSchema feed)
    {
        public byte[] TrId => trId;

        public FeedSchema Feed => feed;

        public FeedRegistrations? Registrations { get; set; }
    }
}

/// <summary>What a session has received of one feed, over all its connections.</summary>
internal sealed class FeedCounters
{
    public long Frames { get; private set; }

    /// <summary>Number of records in readable frames.</summary>
    public long Records { get; set; }

    public long Bytes { get; private set; }

    /// <summary>Number of frames that could not be read.</summary>
    public long Malformed { get; set; }

    public void Frame(int bytes)
    {
        Frames++;
        Bytes += bytes;
    }
}

/// <summary>The registrations of one TR ID, by the key as it appears in a frame.</summary>
internal sealed class FeedRegistrations
{
    private readonly Dictionary<byte[], Registration> _byKey = new(Utf8KeyComparer.Instance);

    public FeedCounters Counters { get; } = new();

    public int Count => _byKey.Count;

    public Dictionary<byte[], Registration>.ValueCollection All => _byKey.Values;

    public Registration? Find(ReadOnlySpan<byte> key) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var registration) ? registration : null;

    public void Add(Registration registration) => _byKey.Add(registration.KeyUtf8.ToArray(), registration);

    public void Remove(Registration registration) => _byKey.Remove(registration.KeyUtf8.ToArray());
}
