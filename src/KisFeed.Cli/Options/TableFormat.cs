namespace KisFeed.Cli.Options;

/// <summary>How something that is looked up is shown.</summary>
internal enum TableFormat
{
    Table,
    Json,
}
