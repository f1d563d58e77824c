using Spectre.Console;

namespace KisFeed.Cli.Watching;

/// <summary>A cell of the live table.</summary>
internal readonly record struct LiveCell(string Text, Style Style, bool IsRight = false)
{
    public static LiveCell Empty { get; } = new("", Style.Plain);
}
