using System.Collections.Immutable;
using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>
/// Feeds with three columns, so that frames stay small: the key, the number of the record within the key,
/// and the connection it was sent to.
/// </summary>
internal static class SimulatedFeeds
{
    public const int NumberColumn = 1;
    public const int AddressColumn = 2;

    public static FeedSchema Trades { get; } = Feed("SIMTRD", isNotice: false);

    public static FeedSchema Quotes { get; } = Feed("SIMQUO", isNotice: false);

    public static FeedSchema Orders { get; } = Feed("SIMORD", isNotice: true);

    public static FeedSchema Fills { get; } = Feed("SIMFIL", isNotice: true);

    public static FeedCatalog Catalog { get; } = new([Trades, Quotes, Orders, Fills]);

    private static FeedSchema Feed(string trId, bool isNotice)
    {
        ImmutableArray<Column> columns = [Column("KEY"), Column("NUMBER"), Column("ADDRESS")];
        return new FeedSchema
        {
            TrId = trId,
            Alias = trId,
            RecordName = trId,
            IsNotice = isNotice,
            Columns = columns,
            Layouts = [FeedLayout.Sequential(columns.Length)],
        };
    }

    private static Column Column(string name) => new() { Element = name, Name = name };
}
