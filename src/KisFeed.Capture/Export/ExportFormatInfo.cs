using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>The properties of an export format.</summary>
public sealed class ExportFormatInfo
{
    private readonly Func<FeedSchema?, ExportOptions, IExportWriter> _newWriter;

    private ExportFormatInfo(
        string fileExtension, bool hasGaps, string? singleFeedReason, Func<FeedSchema?, ExportOptions, IExportWriter> newWriter)
    {
        FileExtension = fileExtension;
        HasGaps = hasGaps;
        SingleFeedReason = singleFeedReason;
        _newWriter = newWriter;
    }

    /// <summary>The extension of its files, without a dot. <c>kisfeed export --format</c> uses it as the name of the format.</summary>
    public string FileExtension { get; }

    /// <summary>Whether a file holds gaps, interruptions and unreadable data in addition to records.</summary>
    public bool HasGaps { get; }

    /// <summary>Why a file cannot hold several feeds; <see langword="null"/> if it can.</summary>
    public string? SingleFeedReason { get; }

    /// <summary>Returns the properties of a format.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a format.</exception>
    public static ExportFormatInfo Of(ExportFormat format) => format switch
    {
        // A new format needs a member of ExportFormat, an IExportWriter and a line here.
        ExportFormat.Csv => new("csv", hasGaps: false, "CSV has one header and so holds one feed", (feed, options) => new CsvExport(
            feed!, options.Names, options.EscapesFormulas)),
        ExportFormat.JsonLines => new("jsonl", hasGaps: true, singleFeedReason: null, (_, options) => new JsonExport(options.Names)),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "The value is not an export format."),
    };

    /// <summary>Creates a writer.</summary>
    /// <param name="feed">The feed of the first record; never <see langword="null"/> if a file holds one feed.</param>
    /// <param name="options">The options of the export.</param>
    internal IExportWriter NewWriter(FeedSchema? feed, ExportOptions options) => _newWriter(feed, options);
}
