using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

/// <summary>Writes one line per tick, in columns that only grow for wider values.</summary>
internal sealed class PlainTicks : LineOutput<TickItem>
{
    private const int TimeWidth = 8;
    private const int TrIdWidth = 8;
    private const int UsualNameWidth = 20;

    private readonly TickReaders _readers;
    private readonly Palette? _palette;
    private readonly Dictionary<(TickView View, int Column), int> _widths = [];
    private readonly int _keyWidth;
    private int _nameWidth;

    public PlainTicks(CommandHost host, IReadOnlyList<WatchTarget> targets, TickReaders readers, Palette palette)
        : base(host.Output)
    {
        _readers = readers;
        _palette = host.UsesColor ? palette : null;
        _keyWidth = targets.Max(t => CellWidth.Of(t.Key));
        _nameWidth = Math.Max(UsualNameWidth, targets.Max(t => CellWidth.Of(readers.Names.Find(t.Key))));
    }

    public override void Write(scoped TickItem item)
    {
        if (item.Event is { } happened)
        {
            if (EventText.Of(item.Target, happened) is { } text)
                Lines.Append($"*** {text}\n");
            return;
        }

        var reader = _readers.Of(item.Target.Feed);
        var tick = reader.Read(item.Target.Key, item.Fields);
        _nameWidth = Math.Max(_nameWidth, CellWidth.Of(tick.Name));
        var line = new StringBuilder()
            .Append(CellWidth.PadRight(tick.Time, TimeWidth)).Append(' ')
            .Append(CellWidth.PadRight(tick.TrId, TrIdWidth)).Append(' ')
            .Append(CellWidth.PadRight(tick.Key, _keyWidth)).Append(' ')
            .Append(CellWidth.PadRight(tick.Name, _nameWidth));
        for (var i = 0; i < tick.Cells.Length; i++)
            AppendCell(line, reader.View, i, tick.Cells[i]);
        Lines.Append(line.ToString().TrimEnd(' ')).Append("\n");
    }

    private void AppendCell(StringBuilder line, TickView view, int index, TickCell cell)
    {
        var column = view.Columns[index];
        var text = cell.Text ?? "";
        var width = Math.Max(_widths.GetValueOrDefault((view, index), column.Width), CellWidth.Of(text));
        _widths[(view, index)] = width;
        line.Append("  ");
        if (column.Label.Length > 0)
            line.Append(column.Label).Append(' ');
        var padded = column.IsText ? CellWidth.PadRight(text, width) : CellWidth.PadLeft(text, width);
        line.Append(_palette?.Paint(padded, cell.Direction) ?? padded);
    }
}
