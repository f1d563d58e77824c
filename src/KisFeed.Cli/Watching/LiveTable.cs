using System.Globalization;
using KisFeed.Cli.Ticks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KisFeed.Cli.Watching;

/// <summary>
/// The live table at one moment: sections under each other, each with its own headings, in common columns. What does not fit the terminal is
/// left out, the least needed columns first; nothing is wrapped.
/// </summary>
internal sealed class LiveTable : Renderable
{
    private const int NameColumn = 0;
    private const int TrIdColumn = 1;
    private const int KeyColumn = 2;
    private const int TimeColumn = 3;
    private const int FirstValue = 4;
    private const int MaxNameWidth = 24;

    private static readonly Style s_heading = new(decoration: Decoration.Bold);
    private static readonly Style s_dim = new(decoration: Decoration.Dim);
    private static readonly Style s_bulletin = new(Color.Yellow);

    private readonly Palette _palette;
    private readonly List<LiveCell[]> _rows = [];
    private readonly int _values;
    private readonly string _caption;

    /// <summary>Takes what it shows over; the sections may change afterwards.</summary>
    /// <param name="sections">What it shows.</param>
    /// <param name="now">The moment that ages are told by.</param>
    /// <param name="caption">What stands below.</param>
    /// <param name="palette">The colours of ups and downs.</param>
    public LiveTable(IReadOnlyList<LiveSection> sections, DateTimeOffset now, string caption, Palette palette)
    {
        _palette = palette;
        _caption = caption;
        _values = sections.Max(s => s.View.Columns.Length);
        foreach (var section in sections)
        {
            _rows.Add(Heading(section.View));
            _rows.AddRange(section.Rows.Select(row => Cells(section.View, row, now)));
        }
    }

    /// <summary>What people should know at this moment; it stands above the caption.</summary>
    public string? Bulletin { get; init; }

    /// <summary>What stands below everything all the time.</summary>
    public string? Footer { get; init; }

    private int AgeColumn => FirstValue + _values;

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        int[] widths = [.. Enumerable.Range(0, AgeColumn + 1).Select(column => _rows.Max(row => CellWidth.Of(row[column].Text)))];
        var columns = Fit(widths, maxWidth);
        var segments = new List<Segment>();
        foreach (var row in _rows)
        {
            segments.AddRange(Segment.Truncate(Line(row, columns, widths), maxWidth));
            segments.Add(Segment.LineBreak);
        }

        foreach (var (text, style) in new[] { (Bulletin, s_bulletin), (_caption, s_dim), (Footer, Style.Plain) })
        {
            if (text is null)
                continue;
            segments.AddRange(Segment.Truncate([new Segment(text, style)], maxWidth));
            segments.Add(Segment.LineBreak);
        }

        return segments;
    }

    private static IEnumerable<Segment> Line(LiveCell[] row, IEnumerable<int> columns, int[] widths)
    {
        foreach (var column in columns)
        {
            var (text, style, isRight) = row[column];
            yield return new Segment(isRight ? CellWidth.PadLeft(text, widths[column]) : CellWidth.PadRight(text, widths[column]), style);
            yield return new Segment("  ");
        }
    }

    private List<int> Fit(int[] widths, int maxWidth)
    {
        var columns = Enumerable.Range(0, widths.Length).ToList();
        IEnumerable<int> leastNeeded = [KeyColumn, TimeColumn, .. Enumerable.Range(FirstValue + 1, _values - 1).Reverse(), TrIdColumn, AgeColumn];
        foreach (var column in leastNeeded)
        {
            if (columns.Sum(c => widths[c] + 2) - 2 <= maxWidth)
                break;
            columns.Remove(column);
        }

        return columns;
    }

    private LiveCell[] Heading(TickView view)
    {
        var cells = new LiveCell[AgeColumn + 1];
        cells[NameColumn] = new LiveCell(view.Title, s_heading);
        cells[TrIdColumn] = new LiveCell("TR ID", s_heading);
        cells[KeyColumn] = new LiveCell("코드 Key", s_heading);
        cells[TimeColumn] = new LiveCell("시각 Time", s_heading);
        for (var i = 0; i < _values; i++)
            cells[FirstValue + i] = i < view.Columns.Length ? new LiveCell(view.Columns[i].Header, s_heading, IsRight: !view.Columns[i].IsText) : LiveCell.Empty;
        cells[AgeColumn] = new LiveCell("경과 Age", s_heading, IsRight: true);
        return cells;
    }

    private LiveCell[] Cells(TickView view, LiveRow row, DateTimeOffset now)
    {
        var cells = new LiveCell[AgeColumn + 1];
        Array.Fill(cells, LiveCell.Empty);
        if (row.Tick is not { } tick)
            return cells;
        cells[NameColumn] = new LiveCell(CellWidth.Truncate(tick.Name.Length > 0 ? tick.Name : tick.Key, MaxNameWidth), Style.Plain);
        cells[TrIdColumn] = new LiveCell(tick.TrId, s_dim);
        cells[KeyColumn] = new LiveCell(tick.Key, s_dim);
        cells[TimeColumn] = new LiveCell(tick.Time, Style.Plain);
        for (var i = 0; i < tick.Cells.Length; i++)
            cells[FirstValue + i] = new LiveCell(tick.Cells[i].Text, _palette.StyleOf(tick.Cells[i].Direction), IsRight: !view.Columns[i].IsText);
        if (row.ReceivedAt != default)
            cells[AgeColumn] = new LiveCell(AgeOf(now - row.ReceivedAt), s_dim, IsRight: true);
        return cells;
    }

    private static string AgeOf(TimeSpan age) => age.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, age.TotalSeconds):N1}s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(age.TotalMinutes):N0}m");
}
