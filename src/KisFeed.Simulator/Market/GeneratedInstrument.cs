using System.Globalization;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>
/// An instrument or account of a feed that the market does not model, known only by the feed's columns. Its records are well-formed and
/// repeat with the seed. Prices and their changes, volumes and values, bought, sold and net amounts, and the levels and totals of order
/// books are consistent within the feed, but not with other feeds. Other numbers, such as rates and risk figures, are random.
/// </summary>
internal sealed class GeneratedInstrument : LiveInstrument
{
    private const string Won = "KRW";
    private const int LargestTrade = 50;
    private const double BuyChance = 0.5;
    private const int MaxLevels = 10;
    private const int Programs = 4; // arbitrage and others, each of clients and own

    // Of the volume, in percent, the largest first.
    private static readonly int[] s_memberShares = [24, 17, 11, 8, 5];
    private static readonly string[] s_memberNames = ["가상증권", "모의증권", "시험증권", "예시증권", "견본증권"];

    private readonly FeedSchema _feed;
    private readonly Column[] _columns;
    private readonly string _key;
    private readonly MarketStream _stream;
    private readonly SeededRandom _random;
    private readonly StringBuilder _record = new();
    private readonly long[] _levelQuantities = new long[2 * MaxLevels];
    private readonly long[] _programBought = new long[Programs];
    private readonly long[] _programSold = new long[Programs];
    private readonly int _scale;
    private readonly long _tick;
    private long _price;
    private long _previousClose;
    private long _open;
    private long _high;
    private long _low;
    private long _trade;
    private long _volume;
    private decimal _value;
    private long _bought;
    private long _buyTrades;
    private long _sellTrades;
    private long _number;
    private bool _isBuy;

    public GeneratedInstrument(FeedSchema feed, string key, ulong seed)
        : base(key, feed.TrId)
    {
        _feed = feed;
        _columns = [.. feed.CurrentLayout.WireColumns(feed.Columns)];
        _key = key;
        _stream = StreamOf(feed.TrId);
        _random = new SeededRandom(seed);
        var isWon = feed.IsNotice || feed.Columns.Any(c => c.Unit == Won);
        _scale = isWon || feed.HasScaledPrices ? 0 : 2;
        _tick = isWon ? 100 : 5;
        _price = _random.Next(300, 900) * _tick;
    }

    public override int Weight => 3;

    protected override void BeginDay(in MarketMoment opening)
    {
        _previousClose = _price;
        _open = _high = _low = _price;
        _volume = _bought = _buyTrades = _sellTrades = 0;
        _value = 0;
        Array.Clear(_programBought);
        Array.Clear(_programSold);
    }

    protected override void MoveWithinDay(in MarketMoment moment, RecordWriter writer)
    {
        Trade();
        _record.Clear();
        foreach (var column in _columns)
        {
            if (_record.Length > 0)
                _record.Append('^');
            Append(column, moment);
        }

        writer.WriteText(_stream, _record);
    }

    protected override void AddPriceAt(in MarketMoment moment)
    {
        // The price moves with each record, not with time.
    }

    protected override void WarmUpWithinDay(in MarketWarmup warmup)
    {
        _volume += warmup.Moves * LargestTrade;
        _bought += warmup.Moves * LargestTrade / 2;
        _buyTrades += warmup.Moves / 2;
        _sellTrades += warmup.Moves - (warmup.Moves / 2);
        _value += Scaled(_price) * _volume;
    }

    private void Trade()
    {
        _price = Math.Max(_tick * 20, _price + (_random.Next(-1, 1) * _tick));
        _high = Math.Max(_high, _price);
        _low = Math.Min(_low, _price);
        _trade = _random.Next(1, LargestTrade);
        _isBuy = _random.Happens(BuyChance);
        _volume += _trade;
        _bought += _isBuy ? _trade : 0;
        _buyTrades += _isBuy ? 1 : 0;
        _sellTrades += _isBuy ? 0 : 1;
        (_isBuy ? _programBought : _programSold)[_number % Programs] += _trade;
        _value += Scaled(_price) * _trade;
        _number++;
        for (var i = 0; i < _levelQuantities.Length; i++)
            _levelQuantities[i] = _random.Next(1, 9999);
    }

    private void Append(Column column, in MarketMoment moment)
    {
        switch (column.Type)
        {
            case ColumnType.Time:
                _record.Append(
                    (column.Name is "OpenTime" ? MarketHours.Opening : moment.Time).ToString("HHmmss", CultureInfo.InvariantCulture));
                break;
            case ColumnType.Date:
                _record.Append(moment.Day.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
                break;
            case ColumnType.Code:
                _record.Append(CodeOf(column));
                break;
            case ColumnType.Integer:
                AppendPadded(column, IntegerOf(column).ToString(CultureInfo.InvariantCulture));
                break;
            case ColumnType.Decimal:
                AppendPadded(column, DecimalOf(column).ToString(CultureInfo.InvariantCulture));
                break;
            default:
                _record.Append(TextOf(column));
                break;
        }
    }

    private void AppendPadded(Column column, string number) =>
        _record.Append('0', Math.Max(0, column.ZeroPadding - number.Length)).Append(number);

    private string TextOf(Column column)
    {
        if (column.Element == _feed.Columns[_feed.KeyColumn].Element)
            return _key;
        if (IsMember(column))
            return column.Field switch { "Name" => s_memberNames[column.GroupIndex], "Code" => $"{901 + column.GroupIndex:D5}", _ => "" };
        return (column.Field ?? column.Name) switch
        {
            "Symbol" when _feed.RecordName == nameof(OverseasOrderNotice) => "AAPL",
            "Symbol" => _feed.IsNotice ? "005930" : _key[Math.Min(4, _key.Length - 1)..],
            "InstrumentName" => "가상종목",
            "AccountName" => "위탁계좌",
            "AccountNumber" => "1234567801",
            "OrderNumber" => $"{_number:D10}",
            "Currency" => "USD",
            _ => "",
        };
    }

    // The usual code, if the column documents it; otherwise its first documented code. Published frames leave the codes of auctions empty.
    private string CodeOf(Column column)
    {
        if (column.Name is "ExtensionCode" or "AllocationCode")
            return "";
        var usual = UsualCode(column);
        return column.Codes.ContainsKey(usual) ? usual : column.Codes.Keys.First();
    }

    private string UsualCode(Column column)
    {
        if (column.Name.EndsWith("Sign", StringComparison.Ordinal))
            return ChangeFrom(ReferenceOf(column.Name)) switch { > 0 => "2", < 0 => "5", _ => "3" };
        return column.Name switch
        {
            "Side" when column.Codes.ContainsKey("5") => _isBuy ? "1" : "5",
            "Side" => _isBuy ? "02" : "01",
            "TradeCode" => _isBuy ? "2" : "5",
            "MarketOperation" when _feed.RecordName == nameof(AfterHoursTrade) => "40",
            "MarketOperation" => column.Codes.ContainsKey("112") ? "112" : "20",
            "Source" => "0",
            "Kind" or "Acceptance" or "Session" => "2",
            "Phase" when _feed.IsExpected => "B",
            "Action" or "Refusal" or "Phase" => "0",
            "OrderType" when _feed.RecordName == nameof(OverseasOrderNotice) => "2",
            "MarketCode" => "6",
            _ => "N",
        };
    }

    private long IntegerOf(Column column) => (column.Field ?? column.Name) switch
    {
        "Quantity" => _levelQuantities[LevelOf(column)],
        "AskQuantity" => _levelQuantities[0],
        "BidQuantity" => _levelQuantities[MaxLevels],
        "TotalAskQuantity" => Total(0, quantity => quantity),
        "TotalBidQuantity" => Total(MaxLevels, quantity => quantity),
        "LpQuantity" => LpPartOf(_levelQuantities[LevelOf(column)]),
        "LpTotalAskQuantity" => Total(0, LpPartOf),
        "LpTotalBidQuantity" => Total(MaxLevels, LpPartOf),
        "Orders" => OrdersOf(_levelQuantities[LevelOf(column)]),
        "TotalAskOrders" => Total(0, OrdersOf),
        "TotalBidOrders" => Total(MaxLevels, OrdersOf),
        "Volume" when IsMember(column) => _volume * s_memberShares[column.GroupIndex] / 100,
        "Volume" when column.Group is null => _trade,
        "AccumulatedVolume" => _volume,
        "AccumulatedValue" => (long)_value,
        "BuyTradeCount" => _buyTrades,
        "SellTradeCount" => _sellTrades,
        "NetBuyTradeCount" => _buyTrades - _sellTrades,
        "BuyVolume" => BoughtBy(column),
        "SellVolume" => SoldBy(column),
        "NetVolume" => BoughtBy(column) - SoldBy(column),
        "BuyValue" => ValueOf(BoughtBy(column)),
        "SellValue" => ValueOf(SoldBy(column)),
        "NetValue" => ValueOf(BoughtBy(column)) - ValueOf(SoldBy(column)),
        "ForeignBuyVolume" or "RestingBuyVolume" => _bought / 4,
        "ForeignSellVolume" or "RestingSellVolume" => (_volume - _bought) / 5,
        "ForeignNetVolume" or "RestingNetVolume" => (_bought / 4) - ((_volume - _bought) / 5),
        "FillQuantity" or "OrderQuantity" or "TotalFillQuantity" => _trade,
        "RemainingQuantity" => 0,
        "PriceScale" => _scale,
        _ => _random.Next(0, 999),
    };

    private decimal DecimalOf(Column column)
    {
        var name = column.Field ?? column.Name;
        return name switch
        {
            "Price" when column.Group is not null =>
                Scaled(_price + (column.Group == "Asks" ? _tick * (column.GroupIndex + 1) : -_tick * column.GroupIndex)),
            "Price" or "ExpectedPrice" or "FillPrice" or "OrderPrice" => Scaled(_price),
            "AskPrice" => Scaled(_price + _tick),
            "BidPrice" => Scaled(_price),
            "Open" => Scaled(_open),
            "High" => Scaled(_high),
            "Low" => Scaled(_low),
            "PreviousClose" or "PreviousSettlement" => Scaled(_previousClose),
            "Change" or "ExpectedChange" or "SettlementChange" or "OpenChange" or "HighChange" or "LowChange" =>
                Scaled(ChangeFrom(ReferenceOf(name))),
            "ChangeRate" or "ExpectedChangeRate" or "SettlementChangeRate" or "OpenChangeRate" or "HighChangeRate" or "LowChangeRate" =>
                RateOf(ChangeFrom(ReferenceOf(name)), ReferenceOf(name)),
            "TradeStrength" => RateOf(_bought, _volume - _bought),
            "BuyRate" => RateOf(_bought, _volume) / 100,
            "Share" when IsMember(column) => s_memberShares[column.GroupIndex] + 0.00m,
            "AccumulatedValue" => _value,
            "AveragePrice" => _volume == 0 ? 0 : decimal.Round(_value / _volume, 2),
            _ when column.Unit == Won => Scaled(_price),
            _ => _random.Next(0, 999) / 100m,
        };
    }

    // Open, high and low are compared with the price, and so is the previous close.
    private long ReferenceOf(string name) => name switch
    {
        _ when name.StartsWith("Open", StringComparison.Ordinal) => _open,
        _ when name.StartsWith("High", StringComparison.Ordinal) => _high,
        _ when name.StartsWith("Low", StringComparison.Ordinal) => _low,
        _ => _previousClose,
    };

    private long ChangeFrom(long reference) => _price - reference;

    private static decimal RateOf(long part, long whole) => whole == 0 ? 0.00m : decimal.Round(100m * part / whole, 2) + 0.00m;

    private static bool IsMember(Column column) => column.Group is "Sellers" or "Buyers";

    private static int LevelOf(Column column) => (column.Group == "Bids" ? MaxLevels : 0) + Math.Clamp(column.GroupIndex, 0, MaxLevels - 1);

    private static long OrdersOf(long quantity) => 1 + (quantity / 100);

    private static long LpPartOf(long quantity) => quantity / 2;

    private long ValueOf(long volume) => (long)(volume * Scaled(_price));

    private long BoughtBy(Column column) => column.Group is { } programs ? OfPrograms(programs, _programBought) : _bought;

    private long SoldBy(Column column) => column.Group is { } programs ? OfPrograms(programs, _programSold) : _volume - _bought;

    // A group such as NonArbitrageClients, or one that contains several of them.
    private static long OfPrograms(string programs, long[] volumes)
    {
        var sum = 0L;
        for (var i = 0; i < volumes.Length; i++)
        {
            var isArbitrage = i < Programs / 2;
            var isClients = i % 2 == 0;
            if (!programs.StartsWith(isArbitrage ? "NonArbitrage" : "Arbitrage", StringComparison.Ordinal)
                && !programs.EndsWith(isClients ? "Own" : "Clients", StringComparison.Ordinal))
            {
                sum += volumes[i];
            }
        }

        return sum;
    }

    // Of the levels that the feed has; a trade shows the totals only.
    private long Total(int first, Func<long, long> partOf)
    {
        var levels = _columns.Count(c => c is { Group: "Asks", Field: "Price" });
        return _levelQuantities.AsSpan(first, levels == 0 ? MaxLevels : levels).ToArray().Sum(partOf);
    }

    private decimal Scaled(long price) => new((int)Math.Abs(price), 0, 0, price < 0, (byte)_scale);
}
