using KisFeed.Wire;

namespace KisFeed.Capture.Bars;

/// <summary>Reads the values for bars from the records of one feed, by the roles of its columns.</summary>
internal sealed class BarColumns
{
    private readonly FeedSchema _feed;
    private readonly int _price;
    private readonly int _volume;
    private readonly int _turnover;
    private readonly int _netVolume;
    private readonly int _netTurnover;
    private readonly int[] _cumulative;
    private readonly int[] _cumulativeTurnover;

    private BarColumns(FeedSchema feed)
    {
        _feed = feed;
        _price = First(ColumnRole.Price);
        _volume = First(ColumnRole.TradeVolume);
        _turnover = First(ColumnRole.TradeTurnover);
        _netVolume = First(ColumnRole.NetVolume);
        _netTurnover = First(ColumnRole.NetTurnover);
        _cumulative = [.. feed.ColumnsWith(ColumnRole.CumulativeVolume)];
        _cumulativeTurnover = [.. feed.ColumnsWith(ColumnRole.CumulativeTurnover)];
    }

    public string TrId => _feed.TrId;

    public bool HasPrice => _price >= 0;

    public bool HasVolume => _volume >= 0;

    public bool HasTurnover => _turnover >= 0 || _cumulativeTurnover.Length > 0;

    public bool HasNetTurnover => _netTurnover >= 0;

    public bool HasCumulative => _cumulative.Length > 0;

    /// <summary>Whether bars can be made from a feed: it has a time, and a price or both a cumulative and a net volume.</summary>
    public static bool Suffice(FeedSchema feed) =>
        feed.TimeColumn >= 0 && (feed.ColumnsWith(ColumnRole.Price).Length > 0 || IsNet(feed));

    /// <summary>Whether the bars of a feed have net volumes instead of prices.</summary>
    public static bool IsNet(FeedSchema feed) =>
        feed.ColumnsWith(ColumnRole.Price).Length == 0
        && feed.ColumnsWith(ColumnRole.NetVolume).Length > 0
        && feed.ColumnsWith(ColumnRole.CumulativeVolume).Length > 0;

    /// <summary>Returns the columns of a feed; <see langword="null"/> if no bars can be made from it.</summary>
    public static BarColumns? Of(FeedSchema feed) => Suffice(feed) ? new BarColumns(feed) : null;

    public DateTimeOffset? Time(in RecordFields fields, DateTimeOffset receivedAt) => ExchangeTime.Of(_feed, fields, receivedAt);

    public decimal? Price(in RecordFields fields)
    {
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        return _price >= 0 ? Read(AmountText.Of(_feed.Columns[_price], fields, _price, buffer)) : null;
    }

    public decimal? Volume(in RecordFields fields) => Read(fields, _volume);

    public decimal? Turnover(in RecordFields fields) => Read(fields, _turnover);

    /// <summary>Whether turnover is the growth of a cumulative column, because the records have none of their own.</summary>
    public bool HasOnlyCumulativeTurnover => _turnover < 0 && _cumulativeTurnover.Length > 0;

    /// <summary>The cumulative turnover of the day; <see langword="null"/> if the record does not have all of it.</summary>
    public decimal? CumulativeTurnover(in RecordFields fields) => _cumulativeTurnover.Length > 0 ? Sum(fields, _cumulativeTurnover) : null;

    /// <summary>The cumulative volume of the day; <see langword="null"/> if the record does not have all of it.</summary>
    public decimal? Cumulative(in RecordFields fields) => HasCumulative ? Sum(fields, _cumulative) : null;

    /// <summary>The totals of the day; <see langword="null"/> if the record does not have all of them.</summary>
    public NetTotals? Totals(in RecordFields fields) =>
        Sum(fields, _cumulative) is { } volume
        && Sum(fields, _cumulativeTurnover) is { } turnover
        && Read(fields, _netVolume) is { } netVolume
        && (HasNetTurnover ? Read(fields, _netTurnover) : 0) is { } netTurnover
            ? new NetTotals(volume, turnover, netVolume, netTurnover)
            : null;

    private static decimal? Sum(in RecordFields fields, int[] columns)
    {
        decimal? sum = 0;
        foreach (var column in columns)
            sum += Read(fields, column);
        return sum;
    }

    // Sums of larger numbers could exceed the range of a decimal.
    private static decimal? Read(ReadOnlySpan<byte> field)
    {
        const decimal Most = 1e18m;
        return FieldText.TryReadDecimal(FieldText.Trim(field), out var number, out _) && Math.Abs(number) <= Most ? number : null;
    }

    private static decimal? Read(in RecordFields fields, int column) => column >= 0 ? Read(fields[column]) : null;

    private int First(ColumnRole role) => _feed.ColumnsWith(role) is [var first, ..] ? first : -1;
}
