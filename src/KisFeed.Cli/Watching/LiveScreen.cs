using KisFeed.Cli.Hosting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KisFeed.Cli.Watching;

/// <summary>
/// Draws on the whole terminal, on its alternate screen: every line is written again each time, so that nothing is left of what stood there before the terminal was
/// resized. At the end the terminal is as it was, and the last table stands on it.
/// </summary>
/// <param name="host">Whose terminal it is.</param>
/// <param name="console">Writes to the terminal.</param>
internal sealed class LiveScreen(CommandHost host, IAnsiConsole console)
{
    // The cursor is hidden, and a line that the terminal takes for longer than it is does not wrap: some fonts draw arrows in two cells.
    private const string Begin = "\e[?1049h\e[?25l\e[?7l";
    private const string End = "\e[?7h\e[?25h\e[?1049l";

    private TerminalSize _drawn;

    /// <summary>Draws a table a few times a second until a task has ended.</summary>
    public async Task RunAsync(Func<LiveTable> draw, TimeSpan interval, Task until)
    {
        using var held = host.HoldError();
        console.Write(new ControlCode(Begin));
        try
        {
            while (!until.IsCompleted)
            {
                Draw(draw());
                await Task.WhenAny(until, Task.Delay(interval, host.Time));
            }
        }
        finally
        {
            console.Write(new ControlCode(End));
        }
    }

    /// <summary>Writes the whole table, however long it is.</summary>
    public void WriteAll(LiveTable table)
    {
        console.Profile.Width = host.TerminalSize().Columns;
        console.Write(table);
    }

    private void Draw(LiveTable table)
    {
        var size = host.TerminalSize();
        console.Profile.Width = size.Columns;
        console.Write(new Screen(table, size, isResized: size != _drawn));
        _drawn = size;
    }

    // One write, so that the terminal does not show a half of it.
    private sealed class Screen(LiveTable table, TerminalSize size, bool isResized) : Renderable
    {
        private static readonly Segment s_clear = Segment.Control("\e[2J");
        private static readonly Segment s_home = Segment.Control("\e[H");
        private static readonly Segment s_clearLine = Segment.Control("\e[K");
        private static readonly Segment s_clearBelow = Segment.Control("\e[J");

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            if (isResized)
                yield return s_clear;
            yield return s_home;
            var isFirst = true;
            foreach (var line in table.Lines(size.Columns, size.Rows))
            {
                if (!isFirst)
                    yield return Segment.LineBreak;
                isFirst = false;
                foreach (var segment in line)
                    yield return segment;

                // After a full line the cursor still stands on its last cell, which would be cleared.
                if (Segment.CellCount(line) < size.Columns)
                    yield return s_clearLine;
            }

            yield return s_clearBelow;
        }
    }
}
