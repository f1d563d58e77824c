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
        var traded = _random.Happens(0.5 + Math.Clamp(_sentiment, -0.4, 0.4))
            ? totals.Bought(quantity, price)
            : totals.Sold(quantity, price);
        return traded with { RestingSell = NextRestingVolume(totals.RestingSell), RestingBuy = NextRestingVolume(totals.RestingBuy) };
    }

    // Resting volume changes: at most a fifth of it is removed, and about one order is added.
    private long NextRestingVolume(long resting) =>
        resting - (long)(resting * _random.NextBetween(0, 0.2)) + _random.Next(0, 2 * _usualQuantity);

    private long PriceAt(in MarketMoment moment) =>
        TickSize.Nearest(_anchor * (1 + _equities.At(moment) + (OwnVolatility * _own.At(moment))));

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

/// <summary>The program trading of a day in one stock, on one venue or summed over several.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProgramTotals(
    long SellVolume, long SellValue, long BuyVolume, long BuyValue, long RestingSell, long RestingBuy)
{
    /// <summary>The sum of two venues.</summary>
    public static ProgramTotals operator +(in ProgramTotals left, in ProgramTotals right) => new(
        left.SellVolume + right.SellVolume,
        left.SellValue + right.SellValue,
        left.BuyVolume + right.BuyVolume,
        left.BuyValue + right.BuyValue,
        left.RestingSell + right.RestingSell,
        left.RestingBuy + right.RestingBuy);

    public ProgramTotals Sold(long quantity, long price) =>
        this with { SellVolume = SellVolume + quantity, SellValue = SellValue + (quantity * price) };

    public ProgramTotals Bought(long quantity, long price) =>
        this with { BuyVolume = BuyVolume + quantity, BuyValue = BuyValue + (quantity * price) };
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
