using Spectre.Console;

namespace KisFeed.Cli.Ticks;

internal sealed class Palette(MarketColors colors)
{
    private const string Reset = "\e[0m";

    public Style StyleOf(Direction direction) => direction switch
    {
        Direction.Up => new Style(colors == MarketColors.Korean ? Color.Red : Color.Green),
        Direction.Down => new Style(colors == MarketColors.Korean ? Color.Blue : Color.Red),
        _ => Style.Plain,
    };

    /// <summary>
    /// Colours a text with escape codes, in the colours of <see cref="StyleOf"/>, for a line that is written directly to a terminal.
    /// </summary>
    public string Paint(string text, Direction direction) => direction switch
    {
        Direction.Up => (colors == MarketColors.Korean ? "\e[91m" : "\e[32m") + text + Reset,
        Direction.Down => (colors == MarketColors.Korean ? "\e[94m" : "\e[91m") + text + Reset,
        _ => text,
    };
}

/// <summary>The colour schemes of prices.</summary>
internal enum MarketColors
{
    /// <summary>Red is up, blue is down.</summary>
    Korean,

    /// <summary>Green is up, red is down.</summary>
    Western,
}

/// <summary>The direction of a value, which determines its colour.</summary>
internal enum Direction
{
    None,
    Up,
    Down,
}
