using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>A stock and the program trading in it on both venues, KRX and NXT. Each move is one program trade on one of them.</summary>
internal sealed class LiveStock : LiveInstrument
{
    private const double OwnVolatility = 0.012;

    private const double NxtShare = 0.4;

    // Keeps NXT from falling silent for long: a client that watches it alone would wait.
    private const int MostKrxInARow = 3;

    // What an ordinary program order is worth.
    private const double OrderValue = 60_000_000;

    // Programs buy for a while and then sell for a while: how much of the mood a trade keeps, and how far one moves it.
    private const double MoodKept = 0.999;
    private const double MoodMove = 0.02;

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
    private double _mood;
    private int _krxInARow;

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

    protected override void MoveWithinDay(in MarketMoment moment, RecordTape tape)
    {
        FollowPrice(moment);
        bool heard;
        do
            heard = Trade(moment, tape);
        while (!heard);
    }

    protected override void FollowPrice(in MarketMoment moment) => _range.Add(PriceAt(moment));

    // A move brings as many trades as it takes until one is heard: where NXT is listened to alone, up to these.
    protected override void PassWithinDay(in MarketWarmup warmup)
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

            for (var trade = 0; trade <= MostKrxInARow; trade++)
                Trade(price);
        }
    }

    // Trades on a venue that nobody listens to happen all the same, so that what is heard elsewhere does not depend on who listens.
    private bool Trade(in MarketMoment moment, RecordTape tape)
    {
        var onNxt = Trade(_range.Last);
        var stream = onNxt ? _nxtStream : _krxStream;
        var heard = stream.IsOpen || _consolidatedStream.IsOpen;
        if (stream.IsOpen)
            tape.Tell(stream, Record(onNxt ? _nxt : _krx, moment));
        if (_consolidatedStream.IsOpen)
            tape.Tell(_consolidatedStream, Record(_nxt + _krx, moment));
        return heard;
    }

    // Trades once, and says whether on NXT.
    private bool Trade(long price)
    {
        var onNxt = _krxInARow >= MostKrxInARow || _random.Happens(NxtShare);
        _krxInARow = onNxt ? 0 : _krxInARow + 1;
        ref var totals = ref onNxt ? ref _nxt : ref _krx;
        totals = Traded(totals, price);
        return onNxt;
    }

    private ProgramTotals Traded(in ProgramTotals totals, long price)
    {
        var quantity = _random.Next(1, _usualQuantity) + (_random.Happens(0.05) ? _random.Next(_usualQuantity, 4 * _usualQuantity) : 0);
        _mood = (MoodKept * _mood) + _random.NextBetween(-MoodMove, MoodMove);
        var traded = _random.Happens(0.5 + Math.Clamp(_mood, -0.4, 0.4)) ? totals.Bought(quantity, price) : totals.Sold(quantity, price);
        return traded with { RestingSell = Rest(totals.RestingSell), RestingBuy = Rest(totals.RestingBuy) };
    }

    // What rests comes and goes: a fifth of it goes at most, an order's worth or so comes.
    private long Rest(long resting) => resting - (long)(resting * _random.NextBetween(0, 0.2)) + _random.Next(0, 2 * _usualQuantity);

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
