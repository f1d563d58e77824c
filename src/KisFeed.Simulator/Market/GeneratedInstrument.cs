using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>
/// An instrument or account of a feed that the market does not model, known only by the feed's columns. Its records are well-formed and repeat with the
/// seed. Prices, volumes and the levels of order books are consistent within the feed, but not with other feeds.
/// </summary>
internal sealed class GeneratedInstrument : LiveInstrument
{
    private const string Won = "KRW";
    private const int LargestTrade = 50;
    private const double BuyChance = 0.5;
    private const int MaxLevels = 10;

    private readonly FeedSchema _feed;
    private readonly Column[] _columns;
    private readonly string _key;
    private readonly MarketStream _stream;
    private readonly SeededRandom _random;
    private readonly StringBuilder _record = new();
    private readonly long[] _levelQuantities = new long[2 * MaxLevels];
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
    private long _number;
    private bool _isBuy;

    public GeneratedInstrument(FeedSchema feed, string key, ulong seed)
        : base(key, feed.TrId)
    {
        _feed = feed;
        _columns = [.. feed.Layouts[^1].WireColumns(feed.Columns)];
        _key = key;
        _stream = StreamOf(feed.TrId);
        _random = new SeededRandom(seed);
        var isWon = feed.IsNotice || feed.Columns.Any(c => c.Unit == Won);
        _scale = isWon ? 0 : 2;
        _tick = isWon ? 100 : 5;
        _price = _random.Next(300, 900) * _tick;
    }

    public override int Weight => 3;

    protected override void BeginDay(in MarketMoment opening)
    {
        _previousClose = _price;
        _open = _high = _low = _price;
        _volume = _bought = 0;
        _value = 0;
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
                _record.Append((column.Name is "OpenTime" ? MarketHours.Opening : moment.Time).ToString("HHmmss", CultureInfo.InvariantCulture));
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

    private void AppendPadded(Column column, string number) => _record.Append('0', Math.Max(0, column.ZeroPadding - number.Length)).Append(number);

    private string TextOf(Column column)
    {
        if (column.Element == _feed.Columns[_feed.KeyColumn].Element)
            return _key;
        return (column.Field ?? column.Name) switch
        {
            "Symbol" => _feed.IsNotice ? "005930" : _key[Math.Min(4, _key.Length - 1)..],
            "InstrumentName" => "가상종목",
            "AccountName" => "위탁계좌",
            "AccountNumber" => "1234567801",
            "OrderNumber" => $"{_number:D10}",
            "OrderKind" => "00",
            "MarketOperation" => "20",
            "Currency" => "USD",
            _ => "",
        };
    }

    private string CodeOf(Column column)
    {
        if (column.Name.EndsWith("Sign", StringComparison.Ordinal))
            return _price > _previousClose ? "2" : _price < _previousClose ? "5" : "3";
        return column.Name switch
        {
            "Side" when column.Codes.ContainsKey("5") => _isBuy ? "1" : "5",
            "Side" => _isBuy ? "02" : "01",
            "Source" => "0",
            "Kind" or "Acceptance" or "Session" => "2",
            "Action" or "Refusal" or "Phase" => "0",
            "OrderExchange" => "1",
            _ => "N",
        };
    }

    private long IntegerOf(Column column) => (column.Field ?? column.Name) switch
    {
        "Quantity" => _levelQuantities[LevelOf(column)],
        "AskQuantity" => _levelQuantities[0],
        "BidQuantity" => _levelQuantities[MaxLevels],
        "TotalAskQuantity" => Total(0),
        "TotalBidQuantity" => Total(MaxLevels),
        "Orders" => 1 + (_levelQuantities[LevelOf(column)] / 100),
        "Volume" when column.Group is null => _trade,
        "AccumulatedVolume" => _volume,
        "AccumulatedValue" => (long)_value,
        "BuyVolume" when column.Group is null => _bought,
        "SellVolume" when column.Group is null => _volume - _bought,
        "FillQuantity" or "OrderQuantity" => _trade,
        "PriceScale" => _scale,
        _ => _random.Next(0, 999),
    };

    private decimal DecimalOf(Column column)
    {
        var name = column.Field ?? column.Name;
        return name switch
        {
            "Price" when column.Group is not null => Scaled(_price + (column.Group == "Asks" ? _tick * (column.GroupIndex + 1) : -_tick * column.GroupIndex)),
            "Price" or "ExpectedPrice" or "FillPrice" or "OrderPrice" => Scaled(_price),
            "AskPrice" => Scaled(_price + _tick),
            "BidPrice" => Scaled(_price),
            "Open" => Scaled(_open),
            "High" => Scaled(_high),
            "Low" => Scaled(_low),
            "PreviousClose" or "PreviousSettlement" => Scaled(_previousClose),
            "Change" or "ExpectedChange" or "SettlementChange" => Scaled(_price - _previousClose),
            "ChangeRate" or "ExpectedChangeRate" or "SettlementChangeRate" => decimal.Round(100m * (_price - _previousClose) / _previousClose, 2) + 0.00m,
            "AccumulatedValue" => _value,
            "AveragePrice" => _volume == 0 ? 0 : decimal.Round(_value / _volume, 2),
            _ when column.Unit == Won => Scaled(_price),
            _ => _random.Next(0, 999) / 100m,
        };
    }

    private static int LevelOf(Column column) => (column.Group == "Bids" ? MaxLevels : 0) + Math.Clamp(column.GroupIndex, 0, MaxLevels - 1);

    private long Total(int first)
    {
        var levels = _columns.Count(c => c is { Group: "Asks", Field: "Price" });
        return _levelQuantities.AsSpan(first, levels).ToArray().Sum();
    }

    private decimal Scaled(long price) => new((int)Math.Abs(price), 0, 0, price < 0, (byte)_scale);
}
