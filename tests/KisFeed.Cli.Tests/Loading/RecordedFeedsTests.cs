using KisFeed.Wire;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>What a simulator sends of any feed is in the capture, in the database and in bars.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Postgres))]
public sealed class RecordedFeedsTests(RecordedFeeds feeds) : IClassFixture<RecordedFeeds>
{
    // received_at, exchange_time, feed, key, frame, record
    private const int StandardColumns = 6;

    public static TheoryData<string> TrIds => [.. KisFeeds.Catalog.Feeds.Select(feed => feed.TrId)];

    [Theory]
    [MemberData(nameof(TrIds))]
    public void Records_of_a_gateway_are_in_the_database_as_sent(string trId) =>
        ShouldBeLoaded(feeds.ByGateway, trId, hasCodesAsSent: true);

    [Theory]
    [MemberData(nameof(TrIds))]
    public void Records_of_the_command_are_in_the_database_as_sent(string trId) =>
        ShouldBeLoaded(feeds.ByCommand, trId, hasCodesAsSent: false);

    [Fact]
    public void Every_frame_that_a_consumer_received_is_recorded()
    {
        feeds.Consumed.Count.ShouldBeGreaterThan(KisFeeds.Catalog.Feeds.Length);
        feeds.Consumed.Where(frame => !feeds.ByGateway.Frames.Contains(frame)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_captures_are_sound_and_complete(bool isOfGateway)
    {
        var run = await CommandRun.OfAsync("inspect", PathOf(isOfGateway));

        run.ExitCode.ShouldBe(ExitCode.Success, run.Output);
        run.Output.ShouldEndWith("\nAll is well.\n");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_feed_with_a_time_and_prices_or_net_volumes_has_bars_of_all_its_records(bool isOfGateway)
    {
        var capture = isOfGateway ? feeds.ByGateway : feeds.ByCommand;
        var run = await CommandRun.OfAsync("bars", capture.Path, "--interval", "1d", "--format", "csv");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var bars = run.Rows[1..].Select(row => row.Split(',')).ToLookup(row => row[0], StringComparer.Ordinal);
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            var price = feed.ColumnsWith(ColumnRole.Price).Cast<int?>().FirstOrDefault();
            var hasNet = feed.ColumnsWith(ColumnRole.NetVolume).Length > 0 && feed.ColumnsWith(ColumnRole.CumulativeVolume).Length > 0;
            if (feed.TimeColumn < 0 || (price is null && !hasNet))
            {
                bars.Contains(feed.TrId).ShouldBeFalse(feed.TrId);
                run.Error.ShouldContain(feed.TrId);
                continue;
            }

            // Two bars if the exchange time changes its date meanwhile.
            var own = bars[feed.TrId].ToArray();
            own.Length.ShouldBeInRange(1, 2, feed.TrId);
            var records = capture.Records[feed.TrId];
            own.Sum(row => int.Parse(row[9], CultureInfo.InvariantCulture)).ShouldBe(records.Count, feed.TrId);
            own.ShouldAllBe(row => row[12] == "0", $"{feed.TrId}: nothing was late");
            if (price is not { } column)
                continue;
            var prices = records.Select(
                record => decimal.Parse(record.Fields[LayoutOf(feed, record.Fields).PositionOf(column)], CultureInfo.InvariantCulture))
                .ToArray();
            decimal[] expected = [prices[0], prices.Max(), prices.Min(), prices[^1]];
            new[] { NumberOf(own[0][3]), own.Max(row => NumberOf(row[4])), own.Min(row => NumberOf(row[5])), NumberOf(own[^1][6]) }
                .ShouldBe(expected, feed.TrId);
        }
    }

    private string PathOf(bool isOfGateway) => (isOfGateway ? feeds.ByGateway : feeds.ByCommand).Path;

    private static void ShouldBeLoaded(RecordedCapture capture, string trId, bool hasCodesAsSent)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var records = capture.Records[trId];
        var rows = capture.Rows[trId];
        rows.Count.ShouldBe(records.Count);
        rows.Count.ShouldBeGreaterThan(0);
        foreach (var (row, record) in rows.Zip(records))
        {
            row.Length.ShouldBe(StandardColumns + feed.PresentColumns.Length + (feed.HasScaledPrices ? 2 : 1));
            var layout = LayoutOf(feed, record.Fields);
            DateTimeOffset.Parse(row[0]!, CultureInfo.InvariantCulture).ShouldBe(record.ReceivedAt, TimeSpan.FromMicroseconds(1));
            row[2].ShouldBe(trId);
            row[3].ShouldBe(record.Fields[layout.PositionOf(feed.KeyColumn)]);
            row[5].ShouldBe(record.Number.ToString(CultureInfo.InvariantCulture));
            row[^1].ShouldBeNull();
            foreach (var (column, cell) in feed.PresentColumns.Zip(row[StandardColumns..^1]))
            {
                var expected = layout.PositionOf(column) is >= 0 and var position
                    ? ValueOf(feed.Columns[column], record.Fields[position])
                    : null;
                if (hasCodesAsSent || feed.Columns[column].Type != ColumnType.Code)
                    cell.ShouldBe(expected, feed.Columns[column].Name);
                else
                    (cell is null).ShouldBe(expected is null, feed.Columns[column].Name);
                if (column == feed.TimeColumn)
                    row[1].ShouldBe(expected is null ? null : $"{row[1]![..10]} {expected}+09");
            }

            if (feed.TimeColumn < 0)
                row[1].ShouldBeNull();
        }
    }

    private static FeedLayout LayoutOf(FeedSchema feed, string[] fields) => feed.Layouts.Single(layout => layout.Width == fields.Length);

    private static decimal NumberOf(string cell) => decimal.Parse(cell, CultureInfo.InvariantCulture);

    // As PostgreSQL writes a value that was sent like this.
    private static string? ValueOf(Column column, string text) => (column.Type, text) switch
    {
        (_, "") => null,
        (ColumnType.Integer, _) => long.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        (ColumnType.Decimal, _) => decimal.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        (ColumnType.Time, _) => $"{text[..2]}:{text[2..4]}:{text[4..]}",
        (ColumnType.Date, _) => $"{text[..4]}-{text[4..6]}-{text[6..]}",
        _ => text,
    };
}
