namespace KisFeed.Cli.Options;

/// <summary>How records of a capture are written.</summary>
internal enum ExportChoice
{
    Csv,
    Jsonl,
}
