namespace KisFeed.Cli.Options;

/// <summary>How bars are written.</summary>
internal enum BarsFormat
{
    Table,
    Csv,
    Jsonl,
}
