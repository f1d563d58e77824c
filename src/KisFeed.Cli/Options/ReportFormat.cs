namespace KisFeed.Cli.Options;

/// <summary>How a report is written.</summary>
internal enum ReportFormat
{
    Text,
    Json,
}
