using Spectre.Console;

namespace KisFeed.Cli.Tests.Terminals;

/// <summary>
/// Emulates the part of a VT terminal that the command uses, including its alternate screen. Unwritten cells are blank. When it becomes
/// narrower, the main screen wraps long lines, like most terminals today, and the alternate screen cuts them off.
/// </summary>
internal sealed class TerminalScreen(int columns, int rows)
{
    private static readonly CompositeFormat s_unknown = CompositeFormat.Parse("the screen does not know the control sequence {0}");

    private List<string?[]> _cells = Blank(columns, rows);
    private List<string?[]>? _main;
    private (int Row, int Column) _mainCursor;
    private int _row;
    private int _column;
    private bool _isFull; // The last cell of a line has been written, so the next character starts a new line.
    private bool _wraps = true;
    private string _escape = "";

    public int Columns { get; private set; } = columns;

    public int Rows { get; private set; } = rows;

    public bool IsAlternate => _main is not null;

    public bool IsCursorVisible { get; private set; } = true;

    /// <summary>The lines without trailing blanks.</summary>
    public string[] Lines => [.. _cells.Select(line => string.Concat(line.Select(cell => cell ?? " ")).TrimEnd())];

    public string Text => string.Join('\n', Lines).TrimEnd('\n');

    public void Write(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            Write(rune);
    }

    public void Resize(int newColumns, int newRows)
    {
        if (IsAlternate)
            (_cells, _main) = (Truncate(_cells, newColumns, newRows), Truncate(_main!, newColumns, newRows));
        else
            Wrap(newColumns, newRows);
        (Columns, Rows) = (newColumns, newRows);
        _row = Math.Min(_row, newRows - 1);
        _column = Math.Min(_column, newColumns - 1);
        _isFull = false;
    }

    private void Write(Rune rune)
    {
        if (_escape.Length > 0)
        {
            _escape += rune;
            if (_escape.Length == 2 && rune.Value is '=' or '>')
                _escape = ""; // Keypad mode, which .NET sets.
            else if (_escape.Length > 2 && rune.Value is >= 0x40 and <= 0x7E)
                Execute();
            return;
        }

        switch (rune.Value)
        {
            case 0x1B:
                _escape = "\e";
                break;
            case '\r':
                (_column, _isFull) = (0, false);
                break;
            case '\n':
                LineFeed();
                break;
            default:
                Rune.IsControl(rune).ShouldBeFalse($"the control character {rune.Value:x}");
                Put(rune.ToString());
                break;
        }
    }

    private void Put(string character)
    {
        var width = character.GetCellWidth();
        if (_isFull || _column + width > Columns)
        {
            if (_wraps)
            {
                _column = 0;
                LineFeed();
            }
            else
            {
                _column = Columns - width;
            }
        }

        _cells[_row][_column] = character;
        if (width == 2)
            _cells[_row][_column + 1] = "";
        _isFull = _column + width == Columns;
        _column = Math.Min(Columns - 1, _column + width);
    }

    private void LineFeed()
    {
        _isFull = false;
        if (_row < Rows - 1)
        {
            _row++;
            return;
        }

        _cells.RemoveAt(0);
        _cells.Add(new string?[Columns]);
    }

    private void Execute()
    {
        var (sequence, last) = (_escape[2..^1], _escape[^1]);
        var all = _escape;
        _escape = "";
        all[1].ShouldBe('[', string.Format(CultureInfo.InvariantCulture, s_unknown, all[1..]));
        switch (last)
        {
            case 'm':
                return;
            case 'H' when sequence.Length == 0:
                (_row, _column, _isFull) = (0, 0, false);
                return;
            case 'K' when sequence.Length == 0:
                Array.Clear(_cells[_row], _column, Columns - _column);
                return;
            case 'J' when sequence.Length == 0:
                Array.Clear(_cells[_row], _column, Columns - _column);
                for (var i = _row + 1; i < Rows; i++)
                    Array.Clear(_cells[i]);
                return;
            case 'J' when sequence == "2":
                _cells = Blank(Columns, Rows);
                return;
            case 'h' or 'l':
                Set(sequence, last == 'h');
                return;
            case 't' when sequence.Split(';') is ["8", var rows, var columns]:
                Resize(int.Parse(columns, CultureInfo.InvariantCulture), int.Parse(rows, CultureInfo.InvariantCulture));
                return;
            default:
                throw new InvalidOperationException(string.Format(CultureInfo.InvariantCulture, s_unknown, all[1..]));
        }
    }

    private void Set(string mode, bool isOn)
    {
        switch (mode)
        {
            case "?7":
                _wraps = isOn;
                return;
            case "?25":
                IsCursorVisible = isOn;
                return;
            case "?1049" when isOn:
                (_main, _mainCursor, _cells) = (_cells, (_row, _column), Blank(Columns, Rows));
                return;
            case "?1049":
                (_cells, _main) = (_main.ShouldNotBeNull("the alternate screen is left without having been entered"), null);
                (_row, _column) = (Math.Min(_mainCursor.Row, Rows - 1), Math.Min(_mainCursor.Column, Columns - 1));
                return;
            case "?1": // Cursor key mode, which .NET sets.
                return;
            default:
                throw new InvalidOperationException(string.Format(CultureInfo.InvariantCulture, s_unknown, mode));
        }
    }

    private void Wrap(int newColumns, int newRows)
    {
        var lines = new List<string?[]>();
        var (cursorRow, cursorColumn) = (0, 0);
        for (var i = 0; i < _cells.Count; i++)
        {
            var line = _cells[i];
            var length = Math.Max(Array.FindLastIndex(line, cell => cell is not null) + 1, 1);
            if (i == _row)
                (cursorRow, cursorColumn) = (lines.Count + (_column / newColumns), _column % newColumns);
            for (var from = 0; from < length; from += newColumns)
            {
                var part = new string?[newColumns];
                Array.Copy(line, from, part, 0, Math.Min(newColumns, length - from));
                lines.Add(part);
            }
        }

        // Blank lines below the cursor are removed first; then the top lines scroll out.
        while (lines.Count > newRows && lines.Count - 1 > cursorRow && lines[^1].All(cell => cell is null))
            lines.RemoveAt(lines.Count - 1);
        var scrolled = Math.Max(0, lines.Count - newRows);
        _cells = [.. lines.Skip(scrolled), .. Blank(newColumns, Math.Max(0, newRows - lines.Count))];
        (_row, _column) = (cursorRow - scrolled, cursorColumn);
    }

    private static List<string?[]> Truncate(List<string?[]> cells, int columns, int rows) =>
    [
        .. cells.Take(rows).Select(line =>
        {
            Array.Resize(ref line, columns);
            return line;
        }),
        .. Blank(columns, Math.Max(0, rows - cells.Count)),
    ];

    private static List<string?[]> Blank(int columns, int rows) => [.. Enumerable.Range(0, rows).Select(_ => new string?[columns])];
}
