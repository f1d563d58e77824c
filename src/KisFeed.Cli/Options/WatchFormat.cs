namespace KisFeed.Cli.Options;

/// <summary>How ticks are written.</summary>
internal enum WatchFormat
{
    Table,
    Json,
    Csv,
}
