using System.Collections.Immutable;
using KisFeed.Feeds;

namespace KisFeed.Cli.Ticks;

/// <summary>Formats the records of one feed for people.</summary>
internal sealed class TickReader
{
    private readonly FeedSchema _feed;
    private readonly InstrumentNames _names;
    private readonly ImmutableArray<(TickStyle Style, Column? Column, int Index)> _columns;
    private readonly BookLadder? _ladder;
    private readonly int _time;
    private readonly int _sign;
    private readonly int _change;
    private readonly int _name;

    public TickReader(FeedSchema feed, InstrumentNames names)
    {
        _feed = feed;
        _names = names;
        View = TickViews.Of(feed);
        _columns = [.. View.Columns.Select(c => (c.Style, feed.Columns.FirstOrDefault(f => f.Name == c.Name), IndexOf(c.Name)))];
        _ladder = View.IsBook ? new BookLadder(feed) : null;
        _time = feed.TimeColumn;
        _sign = IndexOf(nameof(IndexTrade.Sign));
        _change = IndexOf(nameof(IndexTrade.Change));
        _name = View.NameColumn is { } column ? IndexOf(column) : -1;
    }

    public TickView View { get; }

    /// <summary>Formats a record that <see cref="RecordJson.TryCheck"/> accepted.</summary>
    public Tick Read(string key, scoped RecordFields fields)
    {
        var direction = DirectionOf(fields);
        var cells = ImmutableArray.CreateBuilder<TickCell>(_columns.Length);
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        foreach (var (style, column, index) in _columns)
        {
            var text = column is null ? default : FieldText.Trim(AmountText.Of(column, fields, index, buffer));
            cells.Add(column is null ? default : TickText.Format(text, column, style, direction));
        }

        return new Tick(_feed.TrId, key, NameOf(key, fields), TimeOf(fields), cells.MoveToImmutable());
    }

    /// <summary>Returns the index of a column by its English name; -1 if the feed does not have it.</summary>
    public static int IndexOf(FeedSchema feed, string name)
    {
        for (var i = 0; i < feed.Columns.Length; i++)
        {
            if (feed.Columns[i].Name == name)
                return i;
        }

        return -1;
    }

    /// <summary>Formats the whole order book; <see langword="null"/> for other records.</summary>
    public BookRows? ReadBook(scoped RecordFields fields) => _ladder?.Read(fields);

    private int IndexOf(string name) => IndexOf(_feed, name);

    private string NameOf(string key, scoped RecordFields fields)
    {
        if (_name < 0)
            return _names.Find(key);
        var text = FieldText.Trim(fields[_name]);
        return FieldText.IsAbsent(text) ? "" : TickText.WithoutInnerPadding(PrintableText.Clean(Encoding.UTF8.GetString(text)));
    }

    private string TimeOf(scoped RecordFields fields) =>
        _time >= 0 && FieldText.TryReadTime(FieldText.Trim(fields[_time]), out var time, out _) ? time.ToString("HH:mm:ss", null) : "";

    // The broker's sign takes precedence; the amount is used only if there is no sign.
    private ChangeSign? DirectionOf(scoped RecordFields fields)
    {
        if (_sign >= 0 && FieldText.TryReadCode(FieldText.Trim(fields[_sign]), out var code, out _))
            return (ChangeSign)code;
        if (_change < 0 || !FieldText.TryReadDecimal(FieldText.Trim(fields[_change]), out var change, out _))
            return null;
        return change switch
        {
            > 0 => ChangeSign.Up,
            < 0 => ChangeSign.Down,
            _ => ChangeSign.Unchanged,
        };
    }
}

/// <summary>A record, formatted for people.</summary>
/// <param name="TrId">The feed.</param>
/// <param name="Key">The key within the feed.</param>
/// <param name="Name">The name of the instrument; empty if unknown.</param>
/// <param name="Time">The time of the record in Korea; empty if absent.</param>
/// <param name="Cells">The values, one per column of the view.</param>
internal sealed record Tick(string TrId, string Key, string Name, string Time, ImmutableArray<TickCell> Cells);

/// <summary>A value, formatted for people.</summary>
internal readonly record struct TickCell(string Text, Direction Direction);
