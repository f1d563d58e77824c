using System.Collections.Immutable;
using KisFeed.Wire;

namespace KisFeed.Gateway.Days;

/// <summary>
/// The current day of one key, by exchange time. The day is cleared when a record of a new day arrives, or when a record is so much earlier
/// than the last, or so many consecutive records are earlier, that a replay must have started again. Not thread-safe.
/// </summary>
internal sealed class KeyDay
{
    /// <summary>The reason of a gap while nobody had registered the key.</summary>
    public const string NotRegistered = "notRegistered";

    private const int MaxGaps = 500;

    // Single records may be late. If a recording is shorter than an hour, only the number of late records shows that it started again.
    private const int RestartLateCount = 5;

    private static readonly TimeSpan s_restartThreshold = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_lateThreshold = TimeSpan.FromSeconds(10);

    private readonly DayColumns _columns;
    private readonly ImmutableArray<DaySeries> _series;
    private readonly List<DayGap> _gaps = [];
    private DateTimeOffset? _last;
    private DayGap? _open;
    private int _consecutiveLate;

    // The first record of this object, and what the recording has of the day before it.
    private (DateTimeOffset ReceivedAt, DateTimeOffset Time, ImmutableArray<decimal?> Values)? _first;
    private Day? _earlier;
    private DateTimeOffset? _earlierUntil;

    public KeyDay(DayColumns columns)
    {
        _columns = columns;
        _series = [.. columns.All.Select(_ => new DaySeries())];
    }

    public bool HasRecords => _last is not null;

    /// <summary>Whether the key is registered upstream, or will be registered again.</summary>
    public bool IsRegistered { get; set; } = true;

    public string Session { get; set; } = "";

    public DateTimeOffset? Last => _last;

    /// <summary>A sequence number of the last change: the key with the smallest was changed longest ago.</summary>
    public long ChangedAt { get; set; }

    /// <summary>Whether what was recorded before the first record has been read, as far as there is any.</summary>
    public bool HasEarlier => _earlierUntil is not null;

    /// <summary>When the first record of this day was received; <see langword="null"/> if there is none.</summary>
    public DateTimeOffset? FirstReceivedAt => _first?.ReceivedAt;

    /// <summary>Sets what was recorded of the day before the first record, or before a time if there is no record yet.</summary>
    /// <param name="earlier">The day; <see langword="null"/> if nothing was recorded.</param>
    /// <param name="until">The time of receipt before which everything recorded is in it.</param>
    public void SetEarlier(Day? earlier, DateTimeOffset until)
    {
        if (_first is { } first && first.ReceivedAt < until)
            return;
        (_earlier, _earlierUntil) = (earlier, until);
        if (_first is { } known && !IsContinuedBy(known.Time))
            _earlier = null;
    }

    /// <summary>Adds a record.</summary>
    /// <returns>Whether no record of a later time was added before.</returns>
    public bool Add(in RecordFields fields, DateTimeOffset receivedAt)
    {
        if (receivedAt < _earlierUntil || _columns.TimeOf(fields, receivedAt) is not { } time)
            return false;
        if (_last is { } last && (time.Date > last.Date || time < last - s_restartThreshold || HasRestarted(time, last)))
            Clear();

        // A late record of the previous day.
        if (_last?.Date > time.Date)
            return false;
        var isLate = time < _last;
        if (!isLate)
            _last = time;
        for (var i = 0; i < _series.Length; i++)
        {
            if (_columns.ValueOf(fields, _columns.All[i]) is var (value, before))
                _series[i].Add((time.Hour * 60) + time.Minute, value, before, isLate);
        }

        if (_first is null)
        {
            _first = (receivedAt, time, Values());
            if (!IsContinuedBy(time))
                _earlier = null;
        }

        if (!isLate)
            CloseGap(time);
        return !isLate;
    }

    /// <summary>
    /// Starts a gap, which lasts until the next record. Does nothing before the first record, when the start of the gap is unknown.
    /// </summary>
    /// <param name="reason">The reason, as spelled in responses.</param>
    /// <param name="lastRecordAt">
    /// The time of the last record of any key of the session, if known: until then, records of this key would have been received too.
    /// </param>
    public void OpenGap(string reason, DateTimeOffset? lastRecordAt = null)
    {
        if (_last is not { } last)
            return;
        var from = lastRecordAt > last && lastRecordAt - last < s_restartThreshold && lastRecordAt.Value.Date == last.Date
            ? lastRecordAt.Value
            : last;
        _open ??= new DayGap(from, To: null, reason, Values(), After: []);
    }

    public Day? Copy()
    {
        if (_last is not { } last)
            return _earlier;
        var day = new Day(
            DateOnly.FromDateTime(last.Date),
            last,
            [.. _columns.All.Select((column, i) => (column.Name, _series[i].Copy()))],
            _open is { } gap ? [.. _gaps, gap] : [.. _gaps]);
        return _earlier is { } earlier && _first is { } first ? Day.Join(earlier, day, first.Time, first.Values) : day;
    }

    // A market that starts its day again, such as a simulated one, does not continue what was recorded before.
    private bool IsContinuedBy(DateTimeOffset time) =>
        _earlier is null || (_earlier.Last.Date == time.Date && time >= _earlier.Last - s_lateThreshold);

    private bool HasRestarted(DateTimeOffset time, DateTimeOffset last)
    {
        _consecutiveLate = time.Date == last.Date && time < last - s_lateThreshold ? _consecutiveLate + 1 : 0;
        return _consecutiveLate == RestartLateCount;
    }

    // An unstable connection causes many gaps. Beyond the limit, the last gap is extended, so that no gap is lost.
    private void CloseGap(DateTimeOffset to)
    {
        if (_open is not { } gap)
            return;
        _open = null;

        // The clocks of two keys may differ by a second.
        var end = to > gap.From ? to : gap.From;
        if (_gaps.Count < MaxGaps)
            _gaps.Add(gap with { To = end, After = Values() });
        else
            _gaps[^1] = _gaps[^1] with { To = end, After = Values() };
    }

    private ImmutableArray<decimal?> Values() => [.. _series.Select(s => s.Last)];

    private void Clear()
    {
        _last = null;
        _open = null;
        _first = null;
        _earlier = null;
        _earlierUntil = DateTimeOffset.MinValue;
        _consecutiveLate = 0;
        _gaps.Clear();
        foreach (var series in _series)
            series.Clear();
    }
}
