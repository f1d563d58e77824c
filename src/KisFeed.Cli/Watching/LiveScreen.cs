using Spectre.Console;
using Spectre.Console.Rendering;

namespace KisFeed.Cli.Watching;

/// <summary>
/// Draws on the alternate screen of the terminal. Every line is redrawn each time, so that nothing remains of the content before a resize.
/// At the end the terminal is restored and shows the last table.
/// </summary>
internal sealed class LiveScreen(CommandHost host, IAnsiConsole console)
{
    // Hides the cursor and disables wrapping: some fonts draw arrows in two cells, so a terminal may consider a line too long.
    private const string Begin = "\e[?1049h\e[?25l\e[?7l";
    private const string End = "\e[?7h\e[?25h\e[?1049l";

    private TerminalSize _drawn;

    /// <summary>Redraws the table at an interval until a task completes.</summary>
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

    /// <summary>Writes the complete table, whatever its length.</summary>
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

    // One write, so that the terminal never shows a partial table.
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

                // After a full line the cursor is still on its last cell, which would be cleared.
                if (Segment.CellCount(line) < size.Columns)
                    yield return s_clearLine;
            }

            yield return s_clearBelow;
        }
    }
}
