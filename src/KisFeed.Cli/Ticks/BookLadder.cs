using System.Collections.Immutable;
using KisFeed.Feeds;

namespace KisFeed.Cli.Ticks;

/// <summary>
/// Formats a whole order book with one price column, as Korean traders know it: the quantity offered, the price, the quantity bid. The
/// highest offer comes first.
/// </summary>
internal sealed class BookLadder
{
    private const int None = -1;

    private static readonly TickCell s_blank = new("", Direction.None);

    // The totals of a book, by the beginnings of their columns' names. Those that are not of the session are 0.
    private static readonly (string Label, string Prefix)[] s_totals =
        [("합계 Total", "Total"), ("시간외 After hours", "AfterHoursTotal"), ("LP", "LpTotal")];

    private readonly FeedSchema _feed;
    private readonly ImmutableArray<(int Price, int Quantity)> _asks;
    private readonly ImmutableArray<(int Price, int Quantity)> _bids;
    private readonly ImmutableArray<(string Label, int Asks, int Bids)> _totals;
    private readonly (int Phase, int Price, int Quantity, int Change, int Sign) _expected;

    public BookLadder(FeedSchema feed)
    {
        _feed = feed;
        _asks = LevelsOf("Ask");
        _bids = LevelsOf("Bid");
        _totals =
        [
            .. s_totals.Select(total => (total.Label, IndexOf($"{total.Prefix}AskQuantity"), IndexOf($"{total.Prefix}BidQuantity")))
                .Where(total => total is (_, not None, not None)),
        ];
        _expected = (
            IndexOf(nameof(StockOrderBook.Phase)), IndexOf(nameof(StockOrderBook.ExpectedPrice)),
            IndexOf(nameof(StockOrderBook.ExpectedQuantity)), IndexOf(nameof(StockOrderBook.ExpectedChangeRate)),
            IndexOf(nameof(StockOrderBook.ExpectedSign)));
    }

    /// <summary>Formats the levels that a record has, the totals, and in an auction what it would trade.</summary>
    public BookRows Read(scoped RecordFields fields)
    {
        var asks = new List<Tick>(_asks.Length);
        for (var i = _asks.Length - 1; i >= 0; i--)
        {
            var (price, quantity) = _asks[i];
            if (HasLevel(price, quantity, fields))
                asks.Add(Row("", Format(quantity, fields, Direction.Down), Format(price, fields, Direction.Down), s_blank));
        }

        var bids = new List<Tick>(_bids.Length);
        foreach (var (price, quantity) in _bids)
        {
            if (HasLevel(price, quantity, fields))
                bids.Add(Row("", s_blank, Format(price, fields, Direction.Up), Format(quantity, fields, Direction.Up)));
        }

        var totals = new List<Tick>(_totals.Length + 1);
        foreach (var (label, askTotal, bidTotal) in _totals)
        {
            if (totals.Count == 0 || HasAmount(askTotal, fields) || HasAmount(bidTotal, fields))
                totals.Add(Row(label, Format(askTotal, fields, Direction.None), s_blank, Format(bidTotal, fields, Direction.None)));
        }

        if (IsAuction(fields))
            totals.Add(ExpectedRow(fields));
        return new BookRows(asks, bids, totals);
    }

    private static Tick Row(string label, params ImmutableArray<TickCell> cells) => new("", "", label, "", cells);

    private Tick ExpectedRow(scoped RecordFields fields)
    {
        var sign = _expected.Sign != None && FieldText.TryReadCode(FieldText.Trim(fields[_expected.Sign]), out var code, out _)
            ? (ChangeSign?)code
            : null;
        var change = _expected.Change == None ? s_blank : Format(_expected.Change, fields, TickStyle.SignedPercent, sign);
        return Row(
            "예상 Expected", Format(_expected.Quantity, fields, Direction.None), Format(_expected.Price, fields, change.Direction), change);
    }

    // Outside of auctions, the broker may leave the last expected price in its column.
    private bool IsAuction(scoped RecordFields fields) =>
        _expected is { Phase: not None, Price: not None, Quantity: not None }
        && FieldText.TryReadCode(FieldText.Trim(fields[_expected.Phase]), out var phase, out _)
        && (TradingPhase)phase is not TradingPhase.Regular
        && HasAmount(_expected.Price, fields);

    // A book with fewer levels than the layout has zeros in the others.
    private static bool HasLevel(int price, int quantity, scoped RecordFields fields) =>
        HasAmount(price, fields) || HasAmount(quantity, fields);

    private static bool HasAmount(int column, scoped RecordFields fields) =>
        FieldText.TryReadDecimal(FieldText.Trim(fields[column]), out var number, out _) && number != 0;

    private TickCell Format(int column, scoped RecordFields fields, Direction direction) =>
        Format(column, fields, TickStyle.Number, null) with { Direction = direction };

    private TickCell Format(int column, scoped RecordFields fields, TickStyle style, ChangeSign? sign)
    {
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        var text = FieldText.Trim(AmountText.Of(_feed.Columns[column], fields, column, buffer));
        return TickText.Format(text, _feed.Columns[column], style, sign);
    }

    private ImmutableArray<(int Price, int Quantity)> LevelsOf(string side)
    {
        var levels = ImmutableArray.CreateBuilder<(int Price, int Quantity)>();
        for (var number = 1; ; number++)
        {
            var level = (Price: IndexOf($"{side}Price{number}"), Quantity: IndexOf($"{side}Quantity{number}"));
            if (level is (None, _) or (_, None))
                return levels.ToImmutable();
            levels.Add(level);
        }
    }

    private int IndexOf(string name) => TickReader.IndexOf(_feed, name);
}

/// <summary>The rows of an order book, from top to bottom; their cells are those of <see cref="TickViews.Ladder"/>.</summary>
/// <param name="Asks">The offers, the highest price first.</param>
/// <param name="Bids">The bids, the highest price first.</param>
/// <param name="Totals">The totals and, in an auction, the expected trade, with their labels.</param>
internal sealed record BookRows(IReadOnlyList<Tick> Asks, IReadOnlyList<Tick> Bids, IReadOnlyList<Tick> Totals);
