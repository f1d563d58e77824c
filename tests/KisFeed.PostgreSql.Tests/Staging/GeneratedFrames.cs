using System.Globalization;
using KisFeed.Simulator.Market;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests.Staging;

/// <summary>Frames of every feed: some as the simulated market makes them, and some in every known layout with unusual values.</summary>
internal static class GeneratedFrames
{
    private static readonly Dictionary<ColumnType, string[]> s_values = new()
    {
        [ColumnType.Integer] =
            ["0", "-12", "+7", "000123", "9223372036854775807", "-9223372036854775808", "12.00", "", "nan", "(null)", "10000", "99990000"],
        [ColumnType.Decimal] =
        [
            "3.010", "-0.00", "0", "12345678901234567.12345", ".5", "-.0005", "00012.3400", "nan", "(null)", "", "100000000", "0.00001234",
            "79228162514264337593543950335", "-1.0", "9999.9999", "10000.0000", "5.",
        ],
        [ColumnType.Time] = ["090001", "235959", "000000", "", "nan"],
        [ColumnType.Date] = ["20261120", "19991231", "00000000", "", "20240229"],
        [ColumnType.Code] = ["1", "A2", "", "(null)", "KRX12345"],
        [ColumnType.Text] = [" 김철수 ", "(null)", "", "a\"b\\c'd", "x{y},z", "NULL"],
    };

    /// <summary>Returns the frames of a feed.</summary>
    public static IEnumerable<string> Of(FeedSchema feed, int seed)
    {
        foreach (var record in OfMarket(feed))
            yield return $"0|{feed.TrId}|001|{record}";
        var random = new Random(seed);
        foreach (var layout in feed.Layouts)
        {
            for (var i = 0; i < 12; i++)
            {
                var count = 1 + (i % 3);
                var extra = layout == feed.Layouts[^1] && i % 4 == 3 ? 2 : 0;
                var records = Enumerable.Range(0, count).Select(_ => Record(feed, layout, extra, random));
                yield return string.Create(CultureInfo.InvariantCulture, $"0|{feed.TrId}|{count:000}|{string.Join('^', records)}");
            }
        }
    }

    private static string Record(FeedSchema feed, FeedLayout layout, int extra, Random random)
    {
        var key = feed.Columns[feed.KeyColumn];
        var fields = layout.WireColumns(feed.Columns)
            .Select(column => column == key ? $"K{random.Next(3)}" : s_values[column.Type][random.Next(s_values[column.Type].Length)]);
        return string.Join('^', fields.Concat(Enumerable.Range(0, extra).Select(i => i == 0 ? "new 값" : "")));
    }

    private static List<string> OfMarket(FeedSchema feed)
    {
        var market = new KoreanMarket(new MarketOptions { Step = TimeSpan.FromMilliseconds(500) });
        var stream = market.Open(feed.TrId, feed.KeyExample);
        var records = new List<string>();
        var sink = new RecordSink((_, record) => records.Add(record));
        for (var i = 0; i < 20; i++)
            market.TryStep(sink);
        market.Close(stream);
        return records;
    }
}
