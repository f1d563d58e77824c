namespace KisFeed.Cli.Options;

/// <summary>What a server prints when it has started.</summary>
internal enum GuideFormat
{
    Text,
    Json,
}
