using System.Collections.Frozen;
using System.Collections.Immutable;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// The day of one key, by exchange time: as soon as a record of a new day comes, or one that is so much earlier than the last, or so many in a row that are earlier, that a recorded day must have begun
/// again, what was before is forgotten. One thread at a time.
/// </summary>
internal sealed class KeyDay
{
    /// <summary>Why data are missing where nobody had registered the key.</summary>
    public const string NotRegistered = "notRegistered";

    private const int MostGaps = 500;

    // Single records come late. What was recorded may be shorter than an hour: then it is their number that tells.
    private const int MostLateInARow = 5;

    private static readonly TimeSpan s_mostLate = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(10);

    private readonly DayColumns _columns;
    private readonly ImmutableArray<DaySeries> _series;
    private readonly List<DayGap> _gaps = [];
    private DateTimeOffset? _last;
    private DayGap? _open;
    private int _lateInARow;

    /// <summary>A key of which nothing has come.</summary>
    public KeyDay(DayColumns columns)
    {
        _columns = columns;
        _series = [.. columns.All.Select(_ => new DaySeries())];
    }

    /// <summary>Whether anything has come.</summary>
    public bool HasRecords => _last is not null;

    /// <summary>Whether upstream has it registered, or is to have it again.</summary>
    public bool IsRegistered { get; set; } = true;

    /// <summary>The session that has it registered, or had it last.</summary>
    public string Session { get; set; } = "";

    /// <summary>The time of the last record; <see langword="null"/> where nothing has come.</summary>
    public DateTimeOffset? Last => _last;

    /// <summary>Grows with each change of any key: who has the least was changed longest ago.</summary>
    public long ChangedAt { get; set; }

    /// <summary>Takes a record.</summary>
    public void Add(in RecordFields fields, DateTimeOffset receivedAt)
    {
        if (_columns.TimeOf(fields, receivedAt) is not { } time)
            return;
        if (_last is { } last && (time.Date > last.Date || time < last - s_mostLate || HasBegunAgain(time, last)))
            Clear();

        // Of the day before, and late.
        if (_last?.Date > time.Date)
            return;
        var isLate = time < _last;
        if (!isLate)
            _last = time;
        for (var i = 0; i < _series.Length; i++)
        {
            if (DayColumns.ValueOf(fields, _columns.All[i].Index) is { } value)
                _series[i].Add((time.Hour * 60) + time.Minute, value, isLate);
        }

        if (!isLate)
            CloseGap(time);
    }

    /// <summary>Data are missing from here on, until a record comes. Before the first record none are: nobody knows since when.</summary>
    /// <param name="reason">Why, as answers spell it.</param>
    /// <param name="heardAt">The time of the last record of any key of the session, where it is known: until then a record of this key would have been received too.</param>
    public void OpenGap(string reason, DateTimeOffset? heardAt = null)
    {
        if (_last is not { } last)
            return;
        var from = heardAt > last && heardAt - last < s_mostLate && heardAt.Value.Date == last.Date ? heardAt.Value : last;
        _open ??= new DayGap(from, To: null, reason, Values(), After: []);
    }

    /// <summary>What there is, for who asks; <see langword="null"/> where nothing has come.</summary>
    public Day? Copy() => _last is { } last
        ? new Day(DateOnly.FromDateTime(last.Date), [.. _columns.All.Select((column, i) => (column.Name, _series[i].Copy()))], _open is { } gap ? [.. _gaps, gap] : [.. _gaps])
        : null;

    private bool HasBegunAgain(DateTimeOffset time, DateTimeOffset last)
    {
        _lateInARow = time.Date == last.Date && time < last - s_late ? _lateInARow + 1 : 0;
        return _lateInARow == MostLateInARow;
    }

    // A connection that keeps breaking makes many of them. What is between the last two is taken to be missing then, rather than one forgotten.
    private void CloseGap(DateTimeOffset to)
    {
        if (_open is not { } gap)
            return;
        _open = null;

        // The clocks of two keys may differ by a second.
        var end = to > gap.From ? to : gap.From;
        if (_gaps.Count < MostGaps)
            _gaps.Add(gap with { To = end, After = Values() });
        else
            _gaps[^1] = _gaps[^1] with { To = end, After = Values() };
    }

    private ImmutableArray<decimal?> Values() => [.. _series.Select(s => s.Last)];

    private void Clear()
    {
        _last = null;
        _open = null;
        _lateInARow = 0;
        _gaps.Clear();
        foreach (var series in _series)
            series.Clear();
    }
}

/// <summary>The columns of a feed that are followed over a day.</summary>
internal sealed class DayColumns
{
    // Beside prices. They have no role, since no bars of a capture are made of them; but they are what a day of a bond, and of program trading, looks like.
    private static readonly FrozenSet<string> s_names = FrozenSet.Create(StringComparer.Ordinal, "Yield", "NetValue", "NetVolume");

    private readonly FeedSchema _feed;

    /// <summary>Those of a feed.</summary>
    public DayColumns(FeedSchema feed)
    {
        _feed = feed;
        All = [.. feed.Columns.Index().Where(c => c.Item.IsNumeric && (c.Item.Role == ColumnRole.Price || s_names.Contains(c.Item.Name))).Select(c => (c.Item.JsonName, c.Index))];
    }

    /// <summary>Their names, and where they stand in a record.</summary>
    public ImmutableArray<(string Name, int Index)> All { get; }

    /// <summary>Where a record's key stands.</summary>
    public int KeyColumn => _feed.KeyColumn;

    /// <summary>When a record happened; <see langword="null"/> where it does not say so, or cannot be read: streams are told of such a record as <c>malformed</c>, so nothing of it is to be seen here either.</summary>
    public DateTimeOffset? TimeOf(in RecordFields fields, DateTimeOffset receivedAt) => RecordJson.TryCheck(_feed, fields, out _) ? KoreaTime.Of(_feed, fields, receivedAt) : null;

    /// <summary>The value of a column; <see langword="null"/> where there is none.</summary>
    public static decimal? ValueOf(in RecordFields fields, int index) => FieldText.TryReadDecimal(FieldText.Trim(fields[index]), out var value, out _) ? value : null;
}

/// <summary>The minutes of one column of one key. One thread at a time.</summary>
internal sealed class DaySeries
{
    private readonly List<DayBar> _bars = [];

    /// <summary>What came last; <see langword="null"/> where nothing has.</summary>
    public decimal? Last => _bars is [.., var bar] ? bar.Close : null;

    /// <summary>The minutes in which something came, in order.</summary>
    public IReadOnlyList<DayBar> Copy() => [.. _bars];

    /// <summary>Takes a value.</summary>
    /// <param name="minute">The minute of the day that it is of.</param>
    /// <param name="value">The value.</param>
    /// <param name="isLate">Whether one of a later time has come before it. What was last stays last then.</param>
    public void Add(int minute, decimal value, bool isLate)
    {
        var place = _bars.Count - 1;
        while (place >= 0 && _bars[place].Minute > minute)
            place--;
        if (place < 0 || _bars[place].Minute < minute)
        {
            _bars.Insert(place + 1, new DayBar(minute, value, value, value, value, 1));
            return;
        }

        var bar = _bars[place];
        _bars[place] = bar with { High = Math.Max(bar.High, value), Low = Math.Min(bar.Low, value), Close = isLate ? bar.Close : value, Records = bar.Records + 1 };
    }

    /// <summary>Forgets everything, and keeps the room for it.</summary>
    public void Clear() => _bars.Clear();
}
