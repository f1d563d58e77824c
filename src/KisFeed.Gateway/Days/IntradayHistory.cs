using System.Collections.Immutable;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Keeps the day of every key that has been registered upstream, for a chart that is opened at noon: minutes, and where data are missing. Never of order notices. Nothing is allocated for a record, but for the
/// room that a key's minutes need as the day goes on. For any thread.
/// </summary>
/// <param name="mostKeys">Keys whose days are kept. Where there are more, the one goes first that is not registered and was changed longest ago.</param>
internal sealed class IntradayHistory(int mostKeys = IntradayHistory.MostKeys) : IHubSink
{
    /// <summary>Keys whose days are kept where nothing else is said: a day of a key may take some 100 KiB.</summary>
    private const int MostKeys = 1_000;

    // A record that is this much earlier than the last one of its session begins a day again.
    private static readonly TimeSpan s_newDay = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DayColumns Columns, Dictionary<byte[], KeyDay> Keys)> _feeds = new(StringComparer.Ordinal);
    private readonly RecordReaderBuffer _scratch = new();
    private readonly Dictionary<string, DateTimeOffset> _heardAt = new(StringComparer.Ordinal); // by session: when its last record was, by the exchange's clock
    private long _changes;

    /// <summary>The day of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isKnown">Whether it is registered upstream, or something has come of it and is still kept.</param>
    /// <returns><see langword="null"/> where nothing has come.</returns>
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

    public void OnFrame(in TapItem item, string? noticeKey)
    {
        if (item.Feed is not { IsNotice: false } feed)
            return;
        lock (_gate)
        {
            if (_feeds.TryGetValue(feed.TrId, out var known) && DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
                Take(known.Columns, known.Keys.GetAlternateLookup<ReadOnlySpan<byte>>(), frame, item);
        }
    }

    public void OnEvent(in TapItem item)
    {
        if (item.Feed is not { IsNotice: false } feed || item.Key is not { } key)
            return;
        lock (_gate)
            Note(feed, Encoding.UTF8.GetBytes(key), item.Event);
    }

    public void OnOver(string problem)
    {
        lock (_gate)
        {
            foreach (var (_, keys) in _feeds.Values)
            {
                foreach (var day in keys.Values.Where(d => d.IsRegistered))
                    Release(day, StatusJson.WordOf(GapReason.ConnectionLost));
            }
        }
    }

    private void Take(DayColumns columns, Dictionary<byte[], KeyDay>.AlternateLookup<ReadOnlySpan<byte>> keys, in DataFrame frame, in TapItem item)
    {
        var reader = _scratch.Read(frame, item.Shape);
        while (reader.MoveNext())
        {
            if (!keys.TryGetValue(FieldText.Trim(reader.Current[columns.KeyColumn]), out var day) || !day.IsRegistered)
                continue;
            day.Add(reader.Current, item.Frame.ReceivedAt);
            day.ChangedAt = ++_changes;
            if (day.Last is { } last && HeardAt(day) is var heard && (heard is null || last > heard || last < heard - s_newDay))
                _heardAt[day.Session] = last;
        }
    }

    private void Note(FeedSchema feed, byte[] key, FeedEvent? happened)
    {
        var day = _feeds.TryGetValue(feed.TrId, out var known) ? known.Keys.GetValueOrDefault(key) : null;
        switch (happened)
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
                day?.OpenGap(StatusJson.WordOf(interruption.Reason), HeardAt(day));
                break;

            // Behind an interruption it says the same; without one, that this program lost frames itself.
            case Gap gap:
                day?.OpenGap(StatusJson.WordOf(gap.Reason));
                break;
        }
    }

    private void Add(FeedSchema feed, byte[] key, string session)
    {
        if (_feeds.Values.Sum(f => f.Keys.Count) >= mostKeys)
            DropOldest();
        if (!_feeds.TryGetValue(feed.TrId, out var known))
            _feeds.Add(feed.TrId, known = (new DayColumns(feed), new Dictionary<byte[], KeyDay>(Utf8KeyComparer.Instance)));
        known.Keys.Add(key, new KeyDay(known.Columns) { Session = session, ChangedAt = ++_changes });
    }

    // What is registered stays: of that there is no more than upstream has places.
    private void DropOldest()
    {
        var released = _feeds.Values.SelectMany(f => f.Keys.Where(k => !k.Value.IsRegistered).Select(k => (f.Keys, k.Key, k.Value.ChangedAt)));
        foreach (var (keys, key, _) in released.OrderBy(k => k.ChangedAt).Take(1).ToList())
            keys.Remove(key);
    }

    private DateTimeOffset? HeardAt(KeyDay day) => _heardAt.TryGetValue(day.Session, out var at) ? at : null;

    private void Release(KeyDay day, string reason)
    {
        day.IsRegistered = false;
        day.ChangedAt = ++_changes;
        day.OpenGap(reason, HeardAt(day));
    }
}

/// <summary>What came of a key on the last day on which something did.</summary>
/// <param name="Date">Which day that was, in Korea.</param>
/// <param name="Series">The minutes of each column, by its name, in order and without those in which nothing came.</param>
/// <param name="Gaps">Where data are missing, in order.</param>
internal sealed record Day(DateOnly Date, IReadOnlyList<(string Name, IReadOnlyList<DayBar> Bars)> Series, IReadOnlyList<DayGap> Gaps);

/// <summary>What one column of one key did in one minute.</summary>
/// <param name="Minute">Which minute of the day, by exchange time: 540 is 09:00.</param>
/// <param name="Open">The first value.</param>
/// <param name="High">The highest.</param>
/// <param name="Low">The lowest.</param>
/// <param name="Close">The last.</param>
/// <param name="Records">How many records it is made of.</param>
internal readonly record struct DayBar(int Minute, decimal Open, decimal High, decimal Low, decimal Close, int Records);

/// <summary>A stretch of a key's day of which data are missing, by exchange time.</summary>
/// <param name="From">When the last record before it was, of any key of the session: until then one of this key would have been received.</param>
/// <param name="To">When the first record after it was; <see langword="null"/> while it goes on.</param>
/// <param name="Reason">Why, as answers spell it.</param>
/// <param name="Before">What each series had before it, in their order.</param>
/// <param name="After">What each has after it; empty while it goes on.</param>
internal readonly record struct DayGap(DateTimeOffset From, DateTimeOffset? To, string Reason, ImmutableArray<decimal?> Before, ImmutableArray<decimal?> After);
