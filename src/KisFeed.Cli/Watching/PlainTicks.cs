using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

/// <summary>Writes one line per tick, in columns that only grow for wider values.</summary>
internal sealed class PlainTicks : ITickOutput
{
    private const int TimeWidth = 8;
    private const int TrIdWidth = 8;
    private const int UsualNameWidth = 20;

    private readonly TickReaders _readers;
    private readonly Palette? _palette;
    private readonly TextLines _output;
    private readonly Dictionary<(TickView View, int Column), int> _widths = [];
    private readonly int _keyWidth;
    private int _nameWidth;

    public PlainTicks(CommandHost host, IReadOnlyList<WatchTarget> targets, TickReaders readers, Palette palette)
    {
        _readers = readers;
        _palette = host.UsesColor ? palette : null;
        _output = new TextLines(host);
        _keyWidth = targets.Max(t => CellWidth.Of(t.Key));
        _nameWidth = Math.Max(UsualNameWidth, targets.Max(t => CellWidth.Of(readers.Names.Find(t.Key))));
    }

    public void WriteRecord(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields)
    {
        var reader = _readers.Of(target.Feed);
        var tick = reader.Read(target.Key, fields);
        _nameWidth = Math.Max(_nameWidth, CellWidth.Of(tick.Name));
        _output.Text
            .Append(CellWidth.PadRight(tick.Time, TimeWidth)).Append(' ')
            .Append(CellWidth.PadRight(tick.TrId, TrIdWidth)).Append(' ')
            .Append(CellWidth.PadRight(tick.Key, _keyWidth)).Append(' ')
            .Append(CellWidth.PadRight(tick.Name, _nameWidth));
        for (var i = 0; i < tick.Cells.Length; i++)
            AppendCell(reader.View, i, tick.Cells[i]);
        TrimEnd();
        _output.Text.Append('\n');
    }

    public void WriteGap(WatchTarget target, Gap gap) => AppendEvent(EventText.Of(target, gap));

    public void WriteInterruption(WatchTarget target, Interruption interruption)
    {
    }

    public void WriteLive(WatchTarget target, LiveBegins live) => AppendEvent(EventText.Of(target, live));

    public void WriteMalformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw) =>
        AppendEvent(EventText.Of(target, error));

    public ValueTask FlushAsync() => _output.FlushAsync();

    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private void AppendCell(TickView view, int index, TickCell cell)
    {
        var column = view.Columns[index];
        var text = cell.Text ?? "";
        var width = Math.Max(_widths.GetValueOrDefault((view, index), column.Width), CellWidth.Of(text));
        _widths[(view, index)] = width;
        _output.Text.Append("  ");
        if (column.Label.Length > 0)
            _output.Text.Append(column.Label).Append(' ');
        var padded = column.IsText ? CellWidth.PadRight(text, width) : CellWidth.PadLeft(text, width);
        _output.Text.Append(_palette?.Paint(padded, cell.Direction) ?? padded);
    }

    private void AppendEvent(string text) => _output.Text.Append("*** ").Append(text).Append('\n');

    private void TrimEnd()
    {
        while (_output.Text.Length > 0 && _output.Text[^1] == ' ')
            _output.Text.Length--;
    }
}
