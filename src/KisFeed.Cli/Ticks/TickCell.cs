namespace KisFeed.Cli.Ticks;

/// <summary>A value as people see it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Direction">What it is coloured by.</param>
internal readonly record struct TickCell(string Text, Direction Direction);
