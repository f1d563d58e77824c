using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>
/// The futures account of one HTS ID, trading KOSPI 200 futures on its own account. Each move is one notice: an order is accepted or, rarely,
/// refused; an accepted one is filled in one or more parts, or its remainder is cancelled by another order. What is left at the close lapses
/// without a notice, and order numbers begin anew the next day, as the exchange has it.
/// </summary>
internal sealed class FuturesAccount : LiveInstrument
{
    // A notice gives prices as digits without a scale; the published sample fits hundredths.
    private const long PriceStep = 5;

    private const int MostWorkingOrders = 4;
    private const int MostContracts = 20;
    private const int FarthestSteps = 6;
    private const double OrderChance = 0.3;
    private const double RefusalChance = 0.04;
    private const double CancelChance = 0.12;
    private const double CompletionChance = 0.4;

    // The whole house numbers its orders in one series, so an account sees gaps.
    private const int LargestNumberGap = 12;

    private readonly string _customerId;
    private readonly LiveIndex _underlying;
    private readonly SeededRandom _random;
    private readonly string _accountNumber;
    private readonly string _branchNumber;
    private readonly List<WorkingOrder> _working = [];
    private readonly MarketStream _stream;
    private readonly MarketStream _mockStream;
    private IReadOnlyList<FuturesContract> _contracts = [];
    private long _lastOrderNumber;

    public FuturesAccount(string htsId, LiveIndex underlying, ulong seed)
        : base(htsId, OrderNotice.Feed.TrId, MockTrId)
    {
        _customerId = htsId;
        _underlying = underlying;
        _random = new SeededRandom(seed);
        _accountNumber = $"{_random.Next(10_000_000, 99_999_999)}03";
        _branchNumber = $"{_random.Next(1, 999):D5}";
        _stream = StreamOf(OrderNotice.Feed.TrId);
        _mockStream = StreamOf(MockTrId);
    }

    public override int Weight => 3;

    private static string MockTrId => OrderNotice.Feed.Schema.MockTrId!;

    protected override void BeginDay(in MarketMoment opening)
    {
        _working.Clear();
        _contracts = FuturesContract.ListedOn(opening.Day);
        _lastOrderNumber = _random.Next(0, 999);
    }

    protected override void MoveWithinDay(in MarketMoment moment, RecordTape tape)
    {
        var notice = Next(moment);
        tape.Tell(_stream, notice);
        tape.Tell(_mockStream, notice);
    }

    protected override void FollowPrice(in MarketMoment moment)
    {
        // It has none of its own.
    }

    // What was ordered before is not told of again, but its numbers are taken.
    protected override void PassWithinDay(in MarketWarmup warmup) => _lastOrderNumber += warmup.Moves * LargestNumberGap;

    private OrderNotice Next(in MarketMoment moment)
    {
        if (_working.Count == 0 || (_working.Count < MostWorkingOrders && _random.Happens(OrderChance)))
            return PlaceOrder(moment);
        var order = _working[_random.Next(0, _working.Count - 1)];
        return _random.Happens(CancelChance) ? Cancel(order, moment) : Fill(order, moment);
    }

    private OrderNotice PlaceOrder(in MarketMoment moment)
    {
        // The front month has nearly all of the trading.
        var contract = _contracts[_random.Happens(0.9) ? 0 : 1];
        var side = _random.Happens(0.5) ? OrderSide.Buy : OrderSide.Sell;
        var price = MarketPrice(contract, moment) + (_random.Next(-FarthestSteps, FarthestSteps) * PriceStep);
        var order = new WorkingOrder(NextOrderNumber(), side, contract, _random.Next(1, MostContracts), price);
        var refused = _random.Happens(RefusalChance);
        if (!refused)
            _working.Add(order);
        return AboutOrder(order, moment) with { Refusal = refused ? OrderRefusal.Refused : OrderRefusal.None };
    }

    private OrderNotice Cancel(WorkingOrder order, in MarketMoment moment)
    {
        _ = _working.Remove(order);
        return AboutOrder(order, moment) with
        {
            OrderNumber = NextOrderNumber(),
            OriginalOrderNumber = order.Number,
            Action = OrderAction.Cancel,
            Acceptance = OrderAcceptance.Cancelled,
            FillQuantity = order.Remaining,
            OrderQuantity = order.Remaining,
        };
    }

    private OrderNotice Fill(WorkingOrder order, in MarketMoment moment)
    {
        var quantity = _random.Happens(CompletionChance) ? order.Remaining : _random.Next(1, order.Remaining);
        order.Fill(quantity);
        if (order.Remaining == 0)
            _ = _working.Remove(order);

        // At the limit, or better where the market has gone the order's way.
        var market = MarketPrice(order.Contract, moment);
        var price = order.Side == OrderSide.Buy ? Math.Min(order.Price, market) : Math.Max(order.Price, market);
        return AboutOrder(order, moment) with
        {
            Source = OrderNoticeSource.Fill,
            Kind = OrderNoticeKind.Fill,
            Acceptance = OrderAcceptance.Confirmed,
            FillQuantity = quantity,
            FillPrice = price,
            OrderQuantity = 0,
            OrderPrice = 0,
        };
    }

    private OrderNotice AboutOrder(WorkingOrder order, in MarketMoment moment) => new()
    {
        CustomerId = _customerId,
        AccountNumber = _accountNumber,
        OrderNumber = order.Number,
        Side = order.Side,
        Action = OrderAction.New,
        Source = OrderNoticeSource.Acceptance,
        Symbol = order.Contract.Code,
        FillQuantity = order.Quantity,
        FillPrice = order.Price,
        Time = moment.Time,
        Refusal = OrderRefusal.None,
        Kind = OrderNoticeKind.Order,
        Acceptance = OrderAcceptance.Accepted,
        BranchNumber = _branchNumber,
        OrderQuantity = order.Quantity,
        AccountName = "위탁계좌",
        InstrumentName = order.Contract.Name,
        OrderPrice = order.Price,
    };

    private long MarketPrice(FuturesContract contract, in MarketMoment moment) =>
        (long)Math.Round(_underlying.LevelAt(moment) * (1 + contract.Premium) / PriceStep) * PriceStep;

    private string NextOrderNumber()
    {
        _lastOrderNumber += _random.Next(1, LargestNumberGap);
        return $"{_lastOrderNumber:D10}";
    }
}
