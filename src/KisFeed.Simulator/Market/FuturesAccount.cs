using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>
/// The futures account of one HTS ID, which trades KOSPI 200 futures. Each move is one notice: an order is accepted or, rarely, refused; an
/// accepted order is filled in one or more parts, or its remainder is cancelled by another order. As at the exchange, orders that are open
/// at the close lapse without a notice, and order numbers restart the next day.
/// </summary>
internal sealed class FuturesAccount : LiveInstrument
{
    // Prices in notices have no decimal point; the published sample fits hundredths.
    private const long PriceStep = 5;

    private const int MostWorkingOrders = 4;
    private const int MostContracts = 20;
    private const int FarthestSteps = 6;
    private const double OrderChance = 0.3;
    private const double RefusalChance = 0.04;
    private const double CancelChance = 0.12;
    private const double CompletionChance = 0.4;

    // The broker numbers the orders of all accounts in one series, so an account sees gaps.
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

    protected override void MoveWithinDay(in MarketMoment moment, RecordWriter writer)
    {
        var notice = Next(moment);
        writer.Write(_stream, notice);
        writer.Write(_mockStream, notice);
    }

    protected override void AddPriceAt(in MarketMoment moment)
    {
        // An account has no price of its own.
    }

    // Earlier orders are not reported again, but their numbers are used.
    protected override void WarmUpWithinDay(in MarketWarmup warmup) => _lastOrderNumber += warmup.Moves * LargestNumberGap;

    private OrderNotice Next(in MarketMoment moment)
    {
        if (_working.Count == 0 || (_working.Count < MostWorkingOrders && _random.Happens(OrderChance)))
            return PlaceOrder(moment);
        var order = _working[_random.Next(0, _working.Count - 1)];
        return _random.Happens(CancelChance) ? Cancel(order, moment) : Fill(order, moment);
    }

    private OrderNotice PlaceOrder(in MarketMoment moment)
    {
        // Nearly all trading is in the front month.
        var contract = _contracts[_random.Happens(0.9) ? 0 : 1];
        var side = _random.Happens(0.5) ? OrderSide.Buy : OrderSide.Sell;
        var price = MarketPrice(contract, moment) + (_random.Next(-FarthestSteps, FarthestSteps) * PriceStep);
        var order = new WorkingOrder(NextOrderNumber(), side, contract, _random.Next(1, MostContracts), price);
        var refused = _random.Happens(RefusalChance);
        if (!refused)
            _working.Add(order);
        return NoticeOf(order, moment) with { Refusal = refused ? OrderRefusal.Refused : OrderRefusal.None };
    }

    private OrderNotice Cancel(WorkingOrder order, in MarketMoment moment)
    {
        _ = _working.Remove(order);
        return NoticeOf(order, moment) with
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

        // At the limit price, or better if the market has moved in favor of the order.
        var market = MarketPrice(order.Contract, moment);
        var price = order.Side == OrderSide.Buy ? Math.Min(order.Price, market) : Math.Max(order.Price, market);
        return NoticeOf(order, moment) with
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

    private OrderNotice NoticeOf(WorkingOrder order, in MarketMoment moment) => new()
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

/// <summary>An order that has been sent to the exchange.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Side">Sell or buy.</param>
/// <param name="Contract">The contract.</param>
/// <param name="Quantity">Contracts ordered.</param>
/// <param name="Price">The limit price, in hundredths of a point.</param>
internal sealed record WorkingOrder(string Number, OrderSide Side, FuturesContract Contract, int Quantity, long Price)
{
    /// <summary>Contracts not yet filled.</summary>
    public int Remaining { get; private set; } = Quantity;

    public void Fill(int quantity) => Remaining -= quantity;
}
