using System.Globalization;
using KisFeed.Cli.Gateways;
using KisFeed.Feeds;
using KisFeed.Gateway;
using KisFeed.Testing;
using KisFeed.Wire;

namespace KisFeed.Dashboard.Tests.Staging;

/// <summary>A gateway whose upstream sends records of one stock with known values, when a test says so.</summary>
internal sealed class StagedStock : IAsyncDisposable
{
    public const string Code = "005930";
    public const string HtsId = "DEMO";
    public const decimal PreviousClose = 80_000;

    private const int Levels = 10;
    private const decimal Tick = 100;

    private static readonly DateTimeOffset s_midnight = new(2026, 11, 20, 0, 0, 0, TimeSpan.FromHours(9));

    private readonly InMemoryKisFeedClient _upstream;
    private decimal _open;
    private decimal _high;
    private decimal _low;
    private long _bought;
    private long _sold;
    private decimal _value;

    private StagedStock(InMemoryKisFeedClient upstream, GatewayServer gateway)
    {
        _upstream = upstream;
        Gateway = gateway;
    }

    public GatewayServer Gateway { get; }

    /// <summary>The volume of the day so far.</summary>
    public long Volume => _bought + _sold;

    /// <summary>Starts a gateway that keeps all keys of the stock registered.</summary>
    /// <param name="change">Changes the gateway's options.</param>
    public static async Task<StagedStock> OpenAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var upstream = new InMemoryKisFeedClient { Time = s_midnight.AddHours(9) };
        var schemas = new[]
        {
            StockTrade.Consolidated.Schema, StockTrade.Krx.Schema, StockTrade.Nxt.Schema,
            StockOrderBook.Consolidated.Schema, StockOrderBook.Krx.Schema, StockOrderBook.Nxt.Schema,
            ExpectedTrade.Consolidated.Schema, MarketStatus.Consolidated.Schema,
            ProgramTrade.Consolidated.Schema, ProgramTrade.Krx.Schema, ProgramTrade.Nxt.Schema,
        };
        var options = new GatewayOptions
        {
            Upstream = GatewaySource.FromFrames(_ => upstream, KisEnvironment.Production, maxRegistrations: 41),
            Source = DataSource.Simulation,
            Keep = [.. schemas.Select(schema => new GatewayKey(schema, Code)), new GatewayKey(StockOrderNotice.Feed.Schema, HtsId)],
            DashboardKeys = [.. new[] { Code, "000660" }.Select(code => new GatewayKey(ProgramTrade.Consolidated.Schema, code))],
            Instruments = SimulatedInstruments.All,
        };
        return new StagedStock(upstream, await GatewayServer.StartAsync(change?.Invoke(options) ?? options));
    }

    /// <summary>Sends a trade. The side is that of the order that caused it.</summary>
    public void Trade(string clock, decimal price, long volume, TradeSide side, Feed<StockTrade>? feed = null)
    {
        (_open, _high, _low) = _open == 0 ? (price, price, price) : (_open, Math.Max(_high, price), Math.Min(_low, price));
        if (side == TradeSide.Buy)
            _bought += volume;
        else
            _sold += volume;
        _value += price * volume;
        Advance(clock);
        _upstream.Publish(feed ?? StockTrade.Consolidated, new StockTrade
        {
            Code = Code,
            Time = TimeOnly.Parse(clock, CultureInfo.InvariantCulture),
            Price = price,
            Change = price - PreviousClose,
            ChangeRate = Math.Round((price - PreviousClose) * 100 / PreviousClose, 2),
            AveragePrice = Math.Round(_value / Volume, 2),
            Open = _open,
            High = _high,
            Low = _low,
            Volume = volume,
            AccumulatedVolume = Volume,
            AccumulatedValue = (long)_value,
            TradeStrength = _sold == 0 ? 100 : Math.Round(_bought * 100m / _sold, 2),
            SellVolume = _sold,
            BuyVolume = _bought,
            Side = side,
            Date = DateOnly.FromDateTime(s_midnight.Date),
            IsHalted = YesNo.No,
            Phase = TradingPhase.Regular,
            ViReferencePrice = PreviousClose,
            Session = MarketSession.Regular,
        });
    }

    /// <summary>Sends a book whose levels are a tick apart, with quantities of <paramref name="quantity"/> times the level.</summary>
    public void Book(
        string clock, decimal bestBid, long quantity, Feed<StockOrderBook>? feed = null, (decimal Price, long Quantity)? expected = null)
    {
        Advance(clock);
        var levels = Enumerable.Range(1, Levels);
        var asks = levels.Select(n => new BookLevel { Price = bestBid + (n * Tick), Quantity = QuantityAt(n, 7) }).ToArray();
        var bids = levels.Select(n => new BookLevel { Price = bestBid + Tick - (n * Tick), Quantity = QuantityAt(n, 4) }).ToArray();
        _upstream.Publish(feed ?? StockOrderBook.Consolidated, new StockOrderBook
        {
            Code = Code,
            Time = TimeOnly.Parse(clock, CultureInfo.InvariantCulture),
            Phase = expected is null ? TradingPhase.Regular : TradingPhase.ExpectedInSession,
            Asks = Repeated.Create<BookLevel>(asks),
            Bids = Repeated.Create<BookLevel>(bids),
            TotalAskQuantity = asks.Sum(level => level.Quantity),
            TotalBidQuantity = bids.Sum(level => level.Quantity),
            ExpectedPrice = expected?.Price ?? 0,
            ExpectedQuantity = expected?.Quantity ?? 0,
            ExpectedChange = expected is { } now ? now.Price - PreviousClose : 0,
            ExpectedChangeRate = expected is { } then ? Math.Round((then.Price - PreviousClose) * 100 / PreviousClose, 2) : 0,
        });

        long QuantityAt(int level, int shape) => quantity * (1 + ((level * shape) % 11));
    }

    /// <summary>Sends the state of trading.</summary>
    public void Status(bool isVi = false, bool isHalted = false, string? reason = null, StockOperation? operation = null) =>
        _upstream.Publish(MarketStatus.Consolidated, new MarketStatus
        {
            Code = Code,
            IsHalted = isHalted ? YesNo.Yes : YesNo.No,
            HaltReason = reason,
            MarketOperation = operation,
            StockStatus = StockStatusCode.Normal,
            ViCode = isVi ? YesNo.Yes : YesNo.No,
            AfterHoursViCode = YesNo.No,
        });

    /// <summary>Sends what an auction would trade.</summary>
    public void Expected(string clock, decimal price, long volume)
    {
        Advance(clock);
        _upstream.Publish(ExpectedTrade.Consolidated, new ExpectedTrade
        {
            Code = Code,
            Time = TimeOnly.Parse(clock, CultureInfo.InvariantCulture),
            Price = price,
            Change = price - PreviousClose,
            ChangeRate = Math.Round((price - PreviousClose) * 100 / PreviousClose, 2),
            Volume = volume,
            Phase = TradingPhase.ExpectedInSession,
        });
    }

    /// <summary>Sends program trading of a venue.</summary>
    public void Program(string clock, Feed<ProgramTrade> venue, long bought, long sold)
    {
        Advance(clock);
        _upstream.Publish(venue, new ProgramTrade
        {
            Code = Code,
            Time = TimeOnly.Parse(clock, CultureInfo.InvariantCulture),
            BuyVolume = bought,
            BuyValue = bought * (long)PreviousClose,
            SellVolume = sold,
            SellValue = sold * (long)PreviousClose,
            NetVolume = bought - sold,
            NetValue = (bought - sold) * (long)PreviousClose,
        });
    }

    /// <summary>Sends a notice that an order for a stock was filled.</summary>
    public void Fill(string clock, string symbol, string orderNumber, long quantity, decimal price)
    {
        Advance(clock);
        _upstream.Publish(StockOrderNotice.Feed, new StockOrderNotice
        {
            CustomerId = HtsId,
            AccountNumber = "1234567801",
            OrderNumber = orderNumber,
            Side = OrderSide.Buy,
            Action = OrderAction.New,
            Symbol = symbol,
            FillQuantity = quantity,
            FillPrice = price,
            Time = TimeOnly.Parse(clock, CultureInfo.InvariantCulture),
            Refusal = OrderRefusal.None,
            Kind = OrderNoticeKind.Fill,
            Acceptance = OrderAcceptance.Confirmed,
            OrderQuantity = quantity,
            InstrumentName = "종목",
            OrderPrice = price,
        });
    }

    /// <summary>Trades of this volume are not sent.</summary>
    public void MissTrades(long volume) => _bought += volume;

    /// <summary>Loses the connection to the service. The next record establishes it again.</summary>
    public void Interrupt() => _upstream.Interrupt();

    /// <summary>A morning from 09:00: trades of each minute, and program trading.</summary>
    public async Task PlayMorningAsync(int minutes)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            for (var second = 0; second < 60; second += 12)
            {
                var step = (minute * 5) + (second / 12);
                var side = step * 31 % 7 < 4 ? TradeSide.Buy : TradeSide.Sell;
                Trade(ClockAt(minute, second), PriceAt(step), 40 + (step * 7919 % 260), side);
            }
        }

        var end = ClockAt(minutes, 0);
        Program(end, ProgramTrade.Consolidated, 1_500_000, 900_000);
        Program(end, ProgramTrade.Krx, 1_200_000, 1_000_000);
        Program(end, ProgramTrade.Nxt, 300_000, 412_000);
        await _upstream.WaitUntilReadAsync();
    }

    public Task WaitUntilReadAsync() => _upstream.WaitUntilReadAsync();

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    /// <summary>A time of day, minutes and seconds after 09:00.</summary>
    public static string ClockAt(int minutes, int seconds) =>
        new TimeOnly(9, 0).Add(new TimeSpan(0, minutes, seconds)).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static decimal PriceAt(int step) =>
        PreviousClose + (6 * Tick) + (Tick * Math.Round((decimal)((9 * Math.Sin(step / 47.0)) + (5 * Math.Sin(step / 13.0)))));

    private void Advance(string clock) => _upstream.Time = s_midnight + TimeOnly.Parse(clock, CultureInfo.InvariantCulture).ToTimeSpan();
}
