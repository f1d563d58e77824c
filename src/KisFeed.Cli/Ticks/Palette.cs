using Spectre.Console;

namespace KisFeed.Cli.Ticks;

/// <summary>The colours that ups and downs have.</summary>
internal sealed class Palette(MarketColors colors)
{
    private const string Reset = "\e[0m";

    public Style StyleOf(Direction direction) => direction switch
    {
        Direction.Up => new Style(colors == MarketColors.Korean ? Color.Red : Color.Green),
        Direction.Down => new Style(colors == MarketColors.Korean ? Color.Blue : Color.Red),
        _ => Style.Plain,
    };

    /// <summary>A text in its colour, for a line that is written straight to a terminal: the colours of <see cref="StyleOf"/>.</summary>
    public string Paint(string text, Direction direction) => direction switch
    {
        Direction.Up => (colors == MarketColors.Korean ? "\e[91m" : "\e[32m") + text + Reset,
        Direction.Down => (colors == MarketColors.Korean ? "\e[94m" : "\e[91m") + text + Reset,
        _ => text,
    };
}

/// <summary>How up and down are coloured.</summary>
internal enum MarketColors
{
    /// <summary>Red is up, blue is down.</summary>
    Korean,

    /// <summary>Green is up, red is down.</summary>
    Western,
}

/// <summary>Which way a value points; what it is coloured by.</summary>
internal enum Direction
{
    None,
    Up,
    Down,
}
