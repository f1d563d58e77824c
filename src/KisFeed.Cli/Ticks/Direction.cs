namespace KisFeed.Cli.Ticks;

/// <summary>Which way a value points; what it is coloured by.</summary>
internal enum Direction
{
    None,
    Up,
    Down,
}
