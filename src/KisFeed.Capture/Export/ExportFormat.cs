namespace KisFeed.Capture.Export;

/// <summary>The formats of an export.</summary>
public enum ExportFormat
{
    /// <summary>CSV (RFC 4180) in UTF-8: a header, then one row per record. Holds only records, of one feed.</summary>
    Csv,

    /// <summary>JSON, one object per line: records, with gaps, interruptions and unreadable data in their places.</summary>
    JsonLines,
}
