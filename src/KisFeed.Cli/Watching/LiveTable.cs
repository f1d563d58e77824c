using KisFeed.Cli.Ticks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KisFeed.Cli.Watching;

/// <summary>
/// A snapshot of the live table: sections with their own headings, in common columns if they fit, and the status below. Content that
/// does not fit the terminal is hidden: columns by importance, and rows of each section; never the status. An ellipsis or a count
/// marks hidden content. Nothing wraps.
/// </summary>
internal sealed class LiveTable : Renderable
{
    private const int FirstValue = LiveColumns.FirstValue;
    private const int MaxNameWidth = 24;
    private const int MinTableLines = 3; // heading, row, number of hidden rows
    private const string Ellipsis = "…";

    private static readonly Style s_heading = new(decoration: Decoration.Bold);
    private static readonly Style s_dim = new(decoration: Decoration.Dim);
    private static readonly Style s_message = new(Color.Yellow);

    private readonly Palette _palette;
    private readonly List<LiveRows> _sections = [];
    private readonly int _values;

    /// <summary>Copies the content of the sections, which may change afterwards.</summary>
    public LiveTable(IReadOnlyList<LiveSection> sections, DateTimeOffset now, Palette palette)
    {
        _palette = palette;
        _values = sections.Max(s => s.View.Columns.Length);
        foreach (var section in sections)
        {
            _sections.Add(new LiveRows(
                Heading(section.View),
                [.. section.Rows.Select(row => Cells(section.View, row, now))],
                section.Rows.Count(row => row.Tick is not null),
                section.View.Columns.Length)
            {
                Levels = section.Levels,
            });
        }
    }

    /// <summary>The parts of the status, the most important first.</summary>
    public required IReadOnlyList<string> Status { get; init; }

    /// <summary>The number of status parts that are always shown, on additional lines if necessary.</summary>
    public required int NeededStatus { get; init; }

    /// <summary>The current status message, shown above the status.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>The last gap or malformed frame, shown above the status message.</summary>
    public string? LastEvent { get; init; }

    /// <summary>A line that is always shown at the bottom.</summary>
    public string? Footer { get; init; }

    private int AgeColumn => FirstValue + _values;

    /// <summary>Returns the lines: none wider than the terminal, and no more than it has rows.</summary>
    public IReadOnlyList<IReadOnlyList<Segment>> Lines(int width, int height = int.MaxValue)
    {
        var status = StatusLine.Wrap(Status, NeededStatus, width);
        var room = height - status.Count - MinTableLines;
        var message = StatusMessage is not null && room-- > 0;
        var footer = Footer is not null && room-- > 0;
        var lastEvent = LastEvent is not null && room-- > 0;

        List<IReadOnlyList<Segment>> below = [];
        if (lastEvent)
            below.Add([new Segment(CellWidth.Truncate(LastEvent!, width))]);
        if (message)
            below.Add([new Segment(CellWidth.Truncate(StatusMessage!, width), s_message)]);
        below.AddRange(status.Select(IReadOnlyList<Segment> (line) => [new Segment(line, s_dim)]));
        if (footer)
            below.Add([new Segment(CellWidth.Truncate(Footer!, width))]);
        return [.. TableLines(width, height - below.Count), .. below.Take(height)];
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        foreach (var line in Lines(maxWidth))
        {
            foreach (var segment in line)
                yield return segment;
            yield return Segment.LineBreak;
        }
    }

    private IEnumerable<IReadOnlyList<Segment>> TableLines(int width, int height)
    {
        var columns = LiveColumns.Fit(_sections, width);
        var shown = LiveRows.Share(_sections, height);
        for (var i = 0; i < _sections.Count; i++)
        {
            if (shown[i] is not { } rows)
                continue;
            var heading = columns[i].HaveShortHeadings
                ? [.. _sections[i].Heading.Select(cell => cell with { Text = LiveColumns.ShortHeading(cell.Text) })]
                : _sections[i].Heading;
            yield return Line(heading, columns[i], width, isHeading: true);
            foreach (var row in _sections[i].Take(rows))
                yield return Line(row, columns[i], width);
        }

        var left = _sections.Select((section, i) => Math.Max(0, section.Known - (shown[i] ?? 0))).Sum();
        if (left > 0 && height > 0)
            yield return [new Segment(CellWidth.Truncate($"+{left} more", width), s_dim)];
    }

    private static List<Segment> Line(LiveCell[] row, LiveColumns columns, int width, bool isHeading = false)
    {
        var segments = new List<Segment>();
        foreach (var column in columns.Shown)
        {
            var room = columns.Widths[column];
            var cell = isHeading && CellWidth.Of(row[column].Text) > room
                ? row[column] with { Text = LiveColumns.ShortHeading(row[column].Text) }
                : row[column];
            var text = cell.Shorten(room);
            if (segments.Count > 0)
                segments.Add(new Segment(new string(' ', LiveColumns.Separation)));
            segments.Add(
                new Segment(row[column].IsRight ? CellWidth.PadLeft(text, room) : CellWidth.PadRight(text, room), row[column].Style));
        }

        if (isHeading && columns.IsPartial)
            segments.Add(new Segment($" {Ellipsis}", s_dim));
        return Segment.CellCount(segments) <= width ? segments : Cut(segments, width);
    }

    private static List<Segment> Cut(List<Segment> segments, int width)
    {
        var cut = new List<Segment>();
        foreach (var segment in segments)
        {
            var room = width - Segment.CellCount(cut);
            if (segment.CellCount() < room)
            {
                cut.Add(segment);
                continue;
            }

            // The text beyond the end may be blank; the ellipsis marks the following segments too.
            cut.Add(new Segment(CellWidth.Truncate(segment.Text + Ellipsis, room), segment.Style));
            break;
        }

        return cut;
    }

    private LiveCell[] Heading(TickView view)
    {
        var cells = new LiveCell[AgeColumn + 1];
        cells[LiveColumns.Name] = new LiveCell(view.Title, s_heading);
        cells[LiveColumns.TrId] = new LiveCell("TR ID", s_heading);
        cells[LiveColumns.Key] = new LiveCell("코드 Key", s_heading);
        cells[LiveColumns.Time] = new LiveCell("시각 Time", s_heading);
        for (var i = 0; i < _values; i++)
        {
            cells[FirstValue + i] = i < view.Columns.Length
                ? new LiveCell(view.Columns[i].Header, s_heading, IsRight: !view.Columns[i].IsText)
                : LiveCell.Empty;
        }
        cells[AgeColumn] = new LiveCell("경과 Age", s_heading, IsRight: true);
        return cells;
    }

    private LiveCell[] Cells(TickView view, LiveRow row, DateTimeOffset now)
    {
        var cells = new LiveCell[AgeColumn + 1];
        Array.Fill(cells, LiveCell.Empty);
        if (row.Tick is not { } tick)
            return cells;
        cells[LiveColumns.Name] = NameOf(tick, row.Venue);
        cells[LiveColumns.TrId] = new LiveCell(tick.TrId, s_dim);
        cells[LiveColumns.Key] = new LiveCell(tick.Key, s_dim);
        cells[LiveColumns.Time] = new LiveCell(tick.Time, Style.Plain);
        for (var i = 0; i < tick.Cells.Length; i++)
        {
            cells[FirstValue + i] = new LiveCell(
                tick.Cells[i].Text, _palette.StyleOf(tick.Cells[i].Direction), IsRight: !view.Columns[i].IsText);
        }
        if (row.ReceivedAt != default)
            cells[AgeColumn] = new LiveCell(AgeOf(now - row.ReceivedAt), s_dim, IsRight: true);
        return cells;
    }

    private static LiveCell NameOf(Tick tick, string venue)
    {
        var name = new LiveCell(tick.Name.Length > 0 ? tick.Name : tick.Key, Style.Plain);
        name = venue.Length == 0 ? name : name with { Text = $"{name.Text} {venue}", Ending = $" {venue}" };
        return name with { Text = name.Shorten(MaxNameWidth) };
    }

    private static string AgeOf(TimeSpan age) => age.TotalMinutes < 1
        ? $"{Math.Max(0, age.TotalSeconds):N1}s"
        : $"{Math.Floor(age.TotalMinutes):N0}m";
}
