using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The columns that stand before those of the feed in every record that is exported, and what they mean.</summary>
public static class ExportColumns
{
    /// <summary>When the frame was received, in UTC, with seven decimals.</summary>
    public static string ReceivedAt(NameStyle names) => names == NameStyle.Kis ? "received_at" : "receivedAt";

    /// <summary>When what the record tells of happened, with its date and Korea's offset; nothing where the record has no time.</summary>
    public static string ExchangeTime(NameStyle names) => names == NameStyle.Kis ? "exchange_time" : "exchangeTime";

    /// <summary>The TR ID.</summary>
    public static string Feed => "feed";

    /// <summary>The <c>tr_key</c>.</summary>
    public static string Key => "key";

    /// <summary>The number of the frame among those of its feed that were received within the same microsecond or at most one later, from 1.</summary>
    public static string Frame => "frame";

    /// <summary>The number of the record within its frame, from 1.</summary>
    public static string Record => "record";

    /// <summary>All of them, in their order.</summary>
    public static IReadOnlyList<string> Names(NameStyle names) => [ReceivedAt(names), ExchangeTime(names), Feed, Key, Frame, Record];
}
