using System.Text;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Days;

/// <summary>
/// Keeps the current day of every key that was registered upstream, so that a chart opened at noon is complete: one bar per minute, and
/// where data are missing. Never keeps order notices. A record allocates nothing except space for new minutes. Thread-safe.
/// </summary>
/// <param name="maxKeys">How many keys to keep. Beyond that, the key that is not registered and was changed longest ago is removed.</param>
internal sealed class IntradayHistory(int maxKeys = IntradayHistory.DefaultMaxKeys) : IHubSink
{
    /// <summary>The default number of keys. A day of a key may take about 100 KiB.</summary>
    private const int DefaultMaxKeys = 1_000;

    // A record that is this much earlier than the last one of its session starts the day again, e.g. in a replay.
    private static readonly TimeSpan s_restartThreshold = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DayColumns Columns, Dictionary<byte[], KeyDay> Keys)> _feeds = new(StringComparer.Ordinal);
    private readonly RecordReaderBuffer _reader = new();
    // By session: the exchange time of its last record.
    private readonly Dictionary<string, DateTimeOffset> _lastRecordAt = new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>The day of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isKnown">Whether it is registered upstream, or records of it are kept.</param>
    /// <returns><see langword="null"/> if it has no records.</returns>
    public Day? Find(HubKey key, out bool isKnown)
    {
        var text = Encoding.UTF8.GetBytes(key.Key);
        lock (_gate)
        {
            var day = _feeds.TryGetValue(key.TrId, out var feed) ? feed.Keys.GetValueOrDefault(text) : null;
            isKnown = day is { IsRegistered: true } or { HasRecords: true };
            return day?.Copy();
        }
    }

    /// <summary>
    /// The keys of a feed whose recorded past has not been read, with the time of receipt of their first record;
    /// <see langword="null"/> if there is none.
    /// </summary>
    public IReadOnlyList<(string Key, DateTimeOffset? FirstAt)> WithoutEarlier(FeedSchema feed)
    {
        lock (_gate)
        {
            return _feeds.TryGetValue(feed.TrId, out var known)
                ? [.. known.Keys.Where(key => !key.Value.HasEarlier)
                    .Select(key => (Encoding.UTF8.GetString(key.Key), key.Value.FirstReceivedAt))]
                : [];
        }
    }

    /// <summary>Sets what was recorded of the day of a key before its first record, as <see cref="KeyDay.SetEarlier"/>.</summary>
    public void SetEarlier(HubKey key, Day? earlier, DateTimeOffset until)
    {
        var text = Encoding.UTF8.GetBytes(key.Key);
        lock (_gate)
        {
            if (_feeds.TryGetValue(key.TrId, out var feed) && feed.Keys.TryGetValue(text, out var day))
                day.SetEarlier(earlier, until);
        }
    }

    public void OnFrame(in FrameItem item, string? noticeKey)
    {
        if (item.Feed is not { IsNotice: false } feed)
            return;
        lock (_gate)
        {
            if (_feeds.TryGetValue(feed.TrId, out var known) && DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
                AddRecords(known.Columns, known.Keys.GetAlternateLookup<ReadOnlySpan<byte>>(), frame, item);
        }
    }

    public void OnEvent(in FrameItem item)
    {
        if (item.Feed is not { IsNotice: false } feed || item.Key is not { } key)
            return;
        lock (_gate)
            OnRegistrationEvent(feed, Encoding.UTF8.GetBytes(key), item.Event);
    }

    public void OnUpstreamEnded(string problem)
    {
        lock (_gate)
        {
            foreach (var (_, keys) in _feeds.Values)
            {
                foreach (var day in keys.Values.Where(d => d.IsRegistered))
                    Release(day, JsonName.Of(GapReason.ConnectionLost));
            }
        }
    }

    private void AddRecords(
        DayColumns columns, Dictionary<byte[], KeyDay>.AlternateLookup<ReadOnlySpan<byte>> keys, in DataFrame frame, in FrameItem item)
    {
        var reader = _reader.Read(frame, item.Shape);
        while (reader.MoveNext())
        {
            if (!keys.TryGetValue(FieldText.Trim(reader.Current[columns.KeyColumn]), out var day) || !day.IsRegistered)
                continue;
            day.Add(reader.Current, item.Frame.ReceivedAt);
            day.ChangedAt = ++_changes;
            if (day.Last is { } last
                && LastRecordAt(day) is var sessionLast
                && (sessionLast is null || last > sessionLast || last < sessionLast - s_restartThreshold))
            {
                _lastRecordAt[day.Session] = last;
            }
        }
    }

    private void OnRegistrationEvent(FeedSchema feed, byte[] key, FeedEvent? feedEvent)
    {
        var day = _feeds.TryGetValue(feed.TrId, out var known) ? known.Keys.GetValueOrDefault(key) : null;
        switch (feedEvent)
        {
            case RegistrationConfirmed confirmed when day is null:
                Add(feed, key, confirmed.Session);
                break;
            case RegistrationConfirmed confirmed:
                day.IsRegistered = true;
                day.Session = confirmed.Session;
                break;
            case RegistrationReleased or RegistrationRefused when day is { IsRegistered: true, HasRecords: false }:
                known.Keys.Remove(key);
                break;
            case RegistrationReleased or RegistrationRefused when day is { IsRegistered: true }:
                Release(day, KeyDay.NotRegistered);
                break;
            case Interruption interruption:
                day?.OpenGap(JsonName.Of(interruption.Reason), LastRecordAt(day));
                break;

            // After an interruption this adds nothing. Without one, the gateway itself lost frames.
            case Gap gap:
                day?.OpenGap(JsonName.Of(gap.Reason));
                break;
        }
    }

    private void Add(FeedSchema feed, byte[] key, string session)
    {
        if (_feeds.Values.Sum(f => f.Keys.Count) >= maxKeys)
            DropOldest();
        if (!_feeds.TryGetValue(feed.TrId, out var known))
            _feeds.Add(feed.TrId, known = (new DayColumns(feed), new Dictionary<byte[], KeyDay>(Utf8KeyComparer.Instance)));
        known.Keys.Add(key, new KeyDay(known.Columns) { Session = session, ChangedAt = ++_changes });
    }

    // Registered keys stay: there are no more of them than upstream has slots.
    private void DropOldest()
    {
        var released = _feeds.Values.SelectMany(
            f => f.Keys.Where(k => !k.Value.IsRegistered).Select(k => (f.Keys, k.Key, k.Value.ChangedAt)));
        foreach (var (keys, key, _) in released.OrderBy(k => k.ChangedAt).Take(1).ToList())
            keys.Remove(key);
    }

    private DateTimeOffset? LastRecordAt(KeyDay day) => _lastRecordAt.TryGetValue(day.Session, out var at) ? at : null;

    private void Release(KeyDay day, string reason)
    {
        day.IsRegistered = false;
        day.ChangedAt = ++_changes;
        day.OpenGap(reason, LastRecordAt(day));
    }
}
