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

    private readonly StockListing _listing;
    private readonly MarketFactor _equities;
    private readonly NoisePath _own;
    private readonly NoisePath _lean;
    private readonly SeededRandom _random;
    private readonly PriceRange _range;
    private readonly MarketStream _nxtStream;
    private readonly MarketStream _krxStream;
    private readonly MarketStream _consolidatedStream;
    private ProgramTotals _nxt;
    private ProgramTotals _krx;
    private double _anchor;
    private int _krxInARow;

    public LiveStock(StockListing listing, MarketFactor equities, ulong seed)
        : base(listing.Code, ProgramTrade.Nxt.TrId, ProgramTrade.Krx.TrId, ProgramTrade.Consolidated.TrId)
    {
        _listing = listing;
        _equities = equities;
        _own = new NoisePath(seed);
        _lean = new NoisePath(StableHash.Combine(seed, "lean"));
        _random = new SeededRandom(seed);
        _range = new PriceRange(listing.Price);
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
        _range.Add(PriceAt(moment));
        bool heard;
        do
            heard = Trade(moment, tape);
        while (!heard);
    }

    // Trades on a venue that nobody listens to happen all the same, so that what is heard elsewhere does not depend on who listens.
    private bool Trade(in MarketMoment moment, RecordTape tape)
    {
        var onNxt = _krxInARow >= MostKrxInARow || _random.Happens(NxtShare);
        _krxInARow = onNxt ? 0 : _krxInARow + 1;
        ref var totals = ref onNxt ? ref _nxt : ref _krx;
        totals = Traded(totals, moment);

        var stream = onNxt ? _nxtStream : _krxStream;
        var heard = stream.IsOpen || _consolidatedStream.IsOpen;
        if (stream.IsOpen)
            tape.Tell(stream, Record(totals, moment));
        if (_consolidatedStream.IsOpen)
            tape.Tell(_consolidatedStream, Record(_nxt + _krx, moment));
        return heard;
    }

    private ProgramTotals Traded(in ProgramTotals totals, in MarketMoment moment)
    {
        var price = _range.Last;
        var usual = Math.Max(2, (int)Math.Min(OrderValue / price, int.MaxValue / 8));
        var quantity = _random.Next(1, usual) + (_random.Happens(0.05) ? _random.Next(usual, 4 * usual) : 0);
        var buys = _random.Happens(0.5 + (0.06 * _lean.At(moment)));
        var traded = buys ? totals.Bought(quantity, price) : totals.Sold(quantity, price);
        return traded with
        {
            RestingSell = Rest(totals.RestingSell, usual),
            RestingBuy = Rest(totals.RestingBuy, usual),
        };
    }

    // What rests comes and goes: a fifth of it goes at most, an order's worth or so comes.
    private long Rest(long resting, int usual) => resting - (long)(resting * _random.NextBetween(0, 0.2)) + _random.Next(0, 2 * usual);

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
