namespace KisFeed.Simulator.Tests.Market;

public sealed class NoticeTests
{
    private const string TrId = "H0IFCNI0";
    private const string HtsId = "myHTS@1";

    private static readonly string[] Sample =
        "abcd1234^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^위탁계좌^삼성전자   F 2^^^^000000000"
            .Split('^');

    private static MarketOptions Coarse(int seed) => new() { Seed = seed, Step = TimeSpan.FromSeconds(20) };

    [Fact]
    public void The_notices_of_an_order_are_consistent() => Seeds.Check(30, seed =>
    {
        var open = new Dictionary<string, (long Ordered, long Remaining, OrderNotice Order)>(StringComparer.Ordinal);
        var lastNumber = 0L;
        TimeOnly? before = null;
        foreach (var notice in MarketRecorder.Run(Coarse(seed), 3_000, (TrId, HtsId)).Records<OrderNotice>(TrId, HtsId))
        {
            // On the next day open orders have lapsed, and order numbers restart.
            if (notice.Time < before)
            {
                open.Clear();
                lastNumber = 0;
            }

            before = notice.Time;
            notice.CustomerId.ShouldBe(HtsId);
            if (notice.Kind == OrderNoticeKind.Fill)
            {
                var (ordered, remaining, order) = open[notice.OrderNumber!];
                ShouldBeFill(notice, order);
                notice.FillQuantity!.Value.ShouldBeInRange(1, remaining);
                open[notice.OrderNumber!] = (ordered, remaining - notice.FillQuantity.Value, order);
                if (remaining == notice.FillQuantity.Value)
                    open.Remove(notice.OrderNumber!);
                continue;
            }

            var number = long.Parse(notice.OrderNumber!, CultureInfo.InvariantCulture);
            number.ShouldBeGreaterThan(lastNumber);
            lastNumber = number;
            notice.Source.ShouldBe(OrderNoticeSource.Acceptance);
            notice.OrderQuantity.ShouldBe(notice.FillQuantity);
            notice.OrderPrice.ShouldBe(notice.FillPrice);
            if (notice.Action == OrderAction.Cancel)
            {
                var (_, remaining, order) = open[notice.OriginalOrderNumber!];
                notice.Acceptance.ShouldBe(OrderAcceptance.Cancelled);
                notice.Side.ShouldBe(order.Side);
                notice.Symbol.ShouldBe(order.Symbol);
                notice.OrderQuantity.ShouldBe(remaining, "filled and cancelled quantities add up to the order");
                open.Remove(notice.OriginalOrderNumber!);
                continue;
            }

            notice.Action.ShouldBe(OrderAction.New);
            notice.OriginalOrderNumber.ShouldBeNull();
            notice.Acceptance.ShouldBe(OrderAcceptance.Accepted);
            notice.OrderQuantity!.Value.ShouldBeGreaterThan(0);
            if (notice.Refusal == OrderRefusal.None)
                open.Add(notice.OrderNumber!, (notice.OrderQuantity.Value, notice.OrderQuantity.Value, notice));
        }
    });

    [Fact]
    public void All_outcomes_of_an_order_occur()
    {
        // Within one day, because order numbers restart on the next.
        var notices = MarketRecorder.Run(Coarse(1) with { Step = TimeSpan.FromSeconds(2) }, 3_000, (TrId, HtsId))
            .Records<OrderNotice>(TrId, HtsId);
        var refused = notices.Where(n => n.Refusal == OrderRefusal.Refused).Select(n => n.OrderNumber).ToHashSet(StringComparer.Ordinal);
        refused.Count.ShouldBeInRange(1, notices.Count / 20);
        notices.ShouldNotContain(n => refused.Contains(n.OrderNumber) && n.Kind == OrderNoticeKind.Fill);
        var fills = notices.Where(n => n.Kind == OrderNoticeKind.Fill).GroupBy(n => n.OrderNumber, StringComparer.Ordinal).ToArray();
        fills.ShouldContain(order => order.Count() == 1);
        fills.ShouldContain(order => order.Count() > 2);
        notices.ShouldContain(
            n => n.Action == OrderAction.Cancel && fills.Any(order => order.Key == n.OriginalOrderNumber), "a remainder is cancelled");
        notices.Select(n => n.Side).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void A_fill_has_the_format_of_the_published_sample()
    {
        var fill = MarketRecorder.Run(Coarse(1), 200, (TrId, HtsId)).Raw(TrId, HtsId).Select(raw => raw.Split('^'))
            .First(fields => fields[12] == "2");
        fill.Length.ShouldBe(Sample.Length);

        // The customer and the names differ in length; every other column has the width of the sample and, if it is a code, its value.
        for (var column = 1; column < fill.Length; column++)
        {
            if (column != 17)
                fill[column].Length.ShouldBe(Sample[column].Length, $"column {column} is {fill[column]}");
        }

        foreach (var column in new[] { 5, 6, 11, 12, 13, 15, 16, 21 })
            fill[column].ShouldBe(Sample[column]);
        fill[4].ShouldMatch("^0[12]$");
        fill[7].ShouldStartWith("A01612");
        fill[17].ShouldBe("코스피200   F 202612");
    }

    [Fact]
    public void Both_services_send_notices_of_the_same_account()
    {
        var recorder = MarketRecorder.Run(Coarse(1), 500, (TrId, HtsId), ("H0IFCNI9", HtsId));
        recorder.Raw(TrId, HtsId).Count.ShouldBe(500);
        recorder.Raw("H0IFCNI9", HtsId).ShouldBe(recorder.Raw(TrId, HtsId));
    }

    [Fact]
    public void Each_customer_has_an_account_and_HTS_IDs_are_case_sensitive()
    {
        var recorder = MarketRecorder.Run(Coarse(1), 500, (TrId, "trader"), (TrId, "Trader"));
        var lowerCase = recorder.Records<OrderNotice>(TrId, "trader").Select(n => n.AccountNumber).Distinct(StringComparer.Ordinal)
            .ToArray();
        var mixedCase = recorder.Records<OrderNotice>(TrId, "Trader").Select(n => n.AccountNumber).Distinct(StringComparer.Ordinal)
            .ToArray();
        lowerCase.ShouldHaveSingleItem()!.Length.ShouldBe(10);
        mixedCase.ShouldHaveSingleItem();
        mixedCase.ShouldNotBe(lowerCase);
    }

    [Fact]
    public void Order_prices_are_close_to_the_index()
    {
        var recorder = MarketRecorder.Run(Coarse(4), 1_000, (TrId, HtsId), ("H0UPCNT0", "2001"));
        var level = recorder.Records<IndexTrade>("H0UPCNT0", "2001").Average(tick => tick.Price!.Value);
        recorder.Records<OrderNotice>(TrId, HtsId).Where(n => n.Kind == OrderNoticeKind.Order)
            .ShouldAllBe(n => n.OrderPrice / 100 > level * 0.95m && n.OrderPrice / 100 < level * 1.05m && n.OrderPrice % 5 == 0);
    }

    private static void ShouldBeFill(in OrderNotice fill, in OrderNotice order)
    {
        fill.Source.ShouldBe(OrderNoticeSource.Fill);
        fill.Acceptance.ShouldBe(OrderAcceptance.Confirmed);
        fill.Refusal.ShouldBe(OrderRefusal.None);
        fill.Action.ShouldBe(OrderAction.New);
        fill.OrderQuantity.ShouldBe(0);
        fill.Symbol.ShouldBe(order.Symbol);
        fill.Side.ShouldBe(order.Side);
        if (order.Side == OrderSide.Buy)
            fill.FillPrice!.Value.ShouldBeLessThanOrEqualTo(order.OrderPrice!.Value);
        else
            fill.FillPrice!.Value.ShouldBeGreaterThanOrEqualTo(order.OrderPrice!.Value);
    }
}
