using System.Runtime.InteropServices;
using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>A stock and the program trading in it on both venues, KRX and NXT. Each move is one program trade on one of them.</summary>
internal sealed class LiveStock : LiveInstrument
{
    private const double OwnVolatility = 0.012;

    private const double NxtShare = 0.4;

    // Ensures that NXT is never silent for long, for clients that subscribe to it alone.
    private const int MaxConsecutiveKrxTrades = 3;

    // The value of a typical program order.
    private const double OrderValue = 60_000_000;

    // Programs alternate between phases of buying and selling: the persistence of the sentiment, and how far one trade moves it.
    private const double SentimentPersistence = 0.999;
    private const double SentimentStep = 0.02;

    private readonly StockListing _listing;
    private readonly MarketFactor _equities;
    private readonly NoisePath _own;
    private readonly SeededRandom _random;
    private readonly PriceRange _range;
    private readonly int _usualQuantity;
    private readonly MarketStream _nxtStream;
    private readonly MarketStream _krxStream;
    private readonly MarketStream _consolidatedStream;
    private ProgramTotals _nxt;
    private ProgramTotals _krx;
    private double _anchor;
    private double _sentiment;
    private int _consecutiveKrxTrades;

    public LiveStock(StockListing listing, MarketFactor equities, ulong seed)
        : base(listing.Code, ProgramTrade.Nxt.TrId, ProgramTrade.Krx.TrId, ProgramTrade.Consolidated.TrId)
    {
        _listing = listing;
        _equities = equities;
        _own = new NoisePath(seed);
        _random = new SeededRandom(seed);
        _range = new PriceRange(listing.Price);
        _usualQuantity = (int)Math.Clamp(OrderValue / listing.Price, 2, OrderValue);
        _nxtStream = StreamOf(ProgramTrade.Nxt.TrId);
        _krxStream = StreamOf(ProgramTrade.Krx.TrId);
        _consolidatedStream = StreamOf(ProgramTrade.Consolidated.TrId);
    }

    public override int Weight => 8;

    protected override void BeginDay(in MarketMoment opening)
    {
        _range.Roll();
        _anchor = Overnight.Anchor(_range.PreviousClose, _listing.Price);
        _range.Add(PriceAt(opening));
        _nxt = _krx = default;
    }

    protected override void MoveWithinDay(in MarketMoment moment, RecordWriter writer)
    {
        AddPriceAt(moment);
        bool isPublished;
        do
            isPublished = Trade(moment, writer);
        while (!isPublished);
    }

    protected override void AddPriceAt(in MarketMoment moment) => _range.Add(PriceAt(moment));

    // A move makes trades until one is on an open stream: at most this many if only NXT is open.
    protected override void WarmUpWithinDay(in MarketWarmup warmup)
    {
        var moves = warmup.Moves;
        var at = warmup.Until.DayOpening;
        var price = PriceAt(at);
        for (var move = 0L; move < moves; move++)
        {
            var second = warmup.SecondOf(move);
            if (second != at.SinceOpen)
            {
                at = at with { SinceOpen = second };
                price = PriceAt(at);
            }

            for (var trade = 0; trade <= MaxConsecutiveKrxTrades; trade++)
                Trade(price);
        }
    }

    // Trades happen on venues without an open stream too, so that the records of one venue do not depend on which others are open.
    private bool Trade(in MarketMoment moment, RecordWriter writer)
    {
        var onNxt = Trade(_range.Last);
        var stream = onNxt ? _nxtStream : _krxStream;
        var isPublished = stream.IsOpen || _consolidatedStream.IsOpen;
        if (stream.IsOpen)
            writer.Write(stream, Record(onNxt ? _nxt : _krx, moment));
        if (_consolidatedStream.IsOpen)
            writer.Write(_consolidatedStream, Record(_nxt + _krx, moment));
        return isPublished;
    }

    // Makes one trade and returns whether it is on NXT.
    private bool Trade(long price)
    {
        var onNxt = _consecutiveKrxTrades >= MaxConsecutiveKrxTrades || _random.Happens(NxtShare);
        _consecutiveKrxTrades = onNxt ? 0 : _consecutiveKrxTrades + 1;
        ref var totals = ref onNxt ? ref _nxt : ref _krx;
        totals = Traded(totals, price);
        return onNxt;
    }

    private ProgramTotals Traded(in ProgramTotals totals, long price)
    {
        var quantity = _random.Next(1, _usualQuantity) + (_random.Happens(0.05) ? _random.Next(_usualQuantity, 4 * _usualQuantity) : 0);
        _sentiment = (SentimentPersistence * _sentiment) + _random.NextBetween(-SentimentStep, SentimentStep);
        var traded = _random.Happens(0.5 + Math.Clamp(_sentiment, -0.4, 0.4)) ? totals.Bought(quantity, price) : totals.Sold(quantity, price);
        return traded with { RestingSell = NextRestingVolume(totals.RestingSell), RestingBuy = NextRestingVolume(totals.RestingBuy) };
    }

    // Resting volume changes: at most a fifth of it is removed, and about one order is added.
    private long NextRestingVolume(long resting) => resting - (long)(resting * _random.NextBetween(0, 0.2)) + _random.Next(0, 2 * _usualQuantity);

    private long PriceAt(in MarketMoment moment) => TickSize.Nearest(_anchor * (1 + _equities.At(moment) + (OwnVolatility * _own.At(moment))));

    private ProgramTrade Record(in ProgramTotals totals, in MarketMoment moment) => new()
    {
        Code = _listing.Code,
        Time = moment.Time,
        SellVolume = totals.SellVolume,
        SellValue = totals.SellValue,
        BuyVolume = totals.BuyVolume,
        BuyValue = totals.BuyValue,
        NetVolume = totals.BuyVolume - totals.SellVolume,
        NetValue = totals.BuyValue - totals.SellValue,
        RestingSellVolume = totals.RestingSell,
        RestingBuyVolume = totals.RestingBuy,
        RestingNetVolume = totals.RestingBuy - totals.RestingSell,
    };
}

/// <summary>The initial data of a stock.</summary>
/// <param name="Code">The short code.</param>
/// <param name="Name">The Korean name.</param>
/// <param name="Price">The previous close of the first day in KRW, a multiple of its tick size.</param>
internal sealed record StockListing(string Code, string Name, long Price)
{
    /// <summary>The listed stocks. Prices are plausible for late 2026 but invented.</summary>
    public static IReadOnlyList<StockListing> All { get; } =
    [
        new("005930", "삼성전자", 168_500),
        new("000660", "SK하이닉스", 892_000),
        new("373220", "LG에너지솔루션", 418_500),
        new("207940", "삼성바이오로직스", 1_742_000),
        new("005380", "현대차", 512_000),
        new("000270", "기아", 168_900),
        new("012450", "한화에어로스페이스", 1_184_000),
        new("105560", "KB금융", 148_200),
        new("055550", "신한지주", 96_400),
        new("086790", "하나금융지주", 118_700),
        new("068270", "셀트리온", 214_500),
        new("329180", "HD현대중공업", 603_000),
        new("035420", "NAVER", 262_500),
        new("035720", "카카오", 61_300),
        new("005490", "POSCO홀딩스", 372_500),
        new("006400", "삼성SDI", 386_500),
        new("051910", "LG화학", 341_000),
        new("028260", "삼성물산", 302_500),
        new("012330", "현대모비스", 421_500),
        new("066570", "LG전자", 117_400),
        new("015760", "한국전력", 58_700),
        new("034020", "두산에너빌리티", 96_800),
        new("009540", "HD한국조선해양", 438_000),
        new("033780", "KT&G", 162_300),
        new("017670", "SK텔레콤", 74_900),
        new("030200", "KT", 61_800),
        new("003670", "포스코퓨처엠", 233_500),
        new("259960", "크래프톤", 264_000),
        new("247540", "에코프로비엠", 178_600),
        new("196170", "알테오젠", 452_500),
    ];

    public static StockListing Generate(string code, ulong seed)
    {
        var random = new SeededRandom(StableHash.Combine(seed, "listing"));

        // Most stocks are cheap: a square spreads the draw over three orders of magnitude.
        var draw = random.NextUnit();
        return new StockListing(code, $"종목 {code}", TickSize.Nearest(1_000 + (draw * draw * 400_000)));
    }
}

/// <summary>The program trading of a day in one stock, on one venue or summed over several.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProgramTotals(long SellVolume, long SellValue, long BuyVolume, long BuyValue, long RestingSell, long RestingBuy)
{
    /// <summary>The sum of two venues.</summary>
    public static ProgramTotals operator +(in ProgramTotals left, in ProgramTotals right) => new(
        left.SellVolume + right.SellVolume,
        left.SellValue + right.SellValue,
        left.BuyVolume + right.BuyVolume,
        left.BuyValue + right.BuyValue,
        left.RestingSell + right.RestingSell,
        left.RestingBuy + right.RestingBuy);

    public ProgramTotals Sold(long quantity, long price) => this with { SellVolume = SellVolume + quantity, SellValue = SellValue + (quantity * price) };

    public ProgramTotals Bought(long quantity, long price) => this with { BuyVolume = BuyVolume + quantity, BuyValue = BuyValue + (quantity * price) };
}

/// <summary>The tick sizes of stock prices (호가가격단위): the exchange's table since January 2023, the same on KRX and NXT.</summary>
internal static class TickSize
{
    /// <summary>The tick size at a price, in KRW.</summary>
    public static long At(double price) => price switch
    {
        < 2_000 => 1,
        < 5_000 => 5,
        < 20_000 => 10,
        < 50_000 => 50,
        < 200_000 => 100,
        < 500_000 => 500,
        _ => 1_000,
    };

    /// <summary>The nearest valid price, at least one tick.</summary>
    public static long Nearest(double price)
    {
        var tick = At(price);
        return Math.Max(tick, (long)Math.Round(price / tick) * tick);
    }
}
