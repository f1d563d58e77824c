namespace KisFeed.Capture;

/// <summary>What the records of a capture are written as.</summary>
public enum ExportFormat
{
    /// <summary>CSV as RFC 4180 has it, in UTF-8: a header, then a row a record. Holds records alone, of one feed.</summary>
    Csv,

    /// <summary>JSON, an object a line: records, and gaps, interruptions and what cannot be read in their places.</summary>
    JsonLines,
}
