namespace KisFeed.Cli.Options;

/// <summary>How feeds are shown.</summary>
internal enum TableFormat
{
    Table,
    Json,
    Sql,
}
