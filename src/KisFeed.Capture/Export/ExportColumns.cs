using KisFeed.Output;

namespace KisFeed.Capture.Export;

/// <summary>The columns that precede those of the feed in every exported record.</summary>
public static class ExportColumns
{
    /// <summary>The receive time of the frame, in UTC with seven decimals.</summary>
    public static string ReceivedAt(NameStyle names) => names == NameStyle.Kis ? "received_at" : "receivedAt";

    /// <summary>The exchange time of the record, with its date and Korea's offset; empty if the record has no time.</summary>
    public static string ExchangeTime(NameStyle names) => names == NameStyle.Kis ? "exchange_time" : "exchangeTime";

    /// <summary>The TR ID.</summary>
    public static string Feed => "feed";

    /// <summary>The <c>tr_key</c>.</summary>
    public static string Key => "key";

    /// <summary>
    /// The number of the frame among those of its feed that were received within the same microsecond or at most one later, from 1.
    /// </summary>
    public static string Frame => "frame";

    /// <summary>The number of the record within its frame, from 1.</summary>
    public static string Record => "record";

    /// <summary>All columns, in order.</summary>
    public static IReadOnlyList<string> Names(NameStyle names) => [ReceivedAt(names), ExchangeTime(names), Feed, Key, Frame, Record];
}
