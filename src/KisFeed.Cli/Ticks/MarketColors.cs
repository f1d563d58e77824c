namespace KisFeed.Cli.Ticks;

/// <summary>How up and down are coloured.</summary>
internal enum MarketColors
{
    /// <summary>Red is up, blue is down.</summary>
    Korean,

    /// <summary>Green is up, red is down.</summary>
    Western,
}
