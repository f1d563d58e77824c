using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Reads from the records of one feed what bars are made of, by the roles of its columns.</summary>
internal sealed class BarColumns
{
    private readonly FeedSchema _feed;
    private readonly int _price;
    private readonly int _volume;
    private readonly int _turnover;
    private readonly int[] _cumulative;

    private BarColumns(FeedSchema feed)
    {
        _feed = feed;
        _price = First(ColumnRole.Price);
        _volume = First(ColumnRole.TradeVolume);
        _turnover = First(ColumnRole.TradeTurnover);
        _cumulative = [.. feed.ColumnsWith(ColumnRole.CumulativeVolume)];
    }

    public string TrId => _feed.TrId;

    public bool HasTurnover => _turnover >= 0;

    public bool HasCumulative => _cumulative.Length > 0;

    /// <summary>Whether bars can be made of a feed: it has a price and a time.</summary>
    public static bool Suffice(FeedSchema feed) => feed.TimeColumn >= 0 && feed.ColumnsWith(ColumnRole.Price).Length > 0;

    /// <summary>Those of a feed; <see langword="null"/> where no bars can be made of it.</summary>
    public static BarColumns? Of(FeedSchema feed) => Suffice(feed) ? new BarColumns(feed) : null;

    public DateTimeOffset? Time(in RecordFields fields, DateTimeOffset receivedAt) =>
        FieldText.TryReadTime(FieldText.Trim(fields[_feed.TimeColumn]), out var time, out _) ? KoreaTime.At(time, receivedAt) : null;

    public decimal? Price(in RecordFields fields) => Read(fields, _price);

    public decimal? Volume(in RecordFields fields) => Read(fields, _volume);

    public decimal? Turnover(in RecordFields fields) => Read(fields, _turnover);

    /// <summary>What was traded today; <see langword="null"/> where the record does not say all of it.</summary>
    public decimal? Cumulative(in RecordFields fields)
    {
        decimal? sum = HasCumulative ? 0 : null;
        foreach (var column in _cumulative)
            sum += Read(fields, column);
        return sum;
    }

    // Sums of numbers of more than this could be too large for a decimal.
    private static decimal? Read(in RecordFields fields, int column)
    {
        const decimal Most = 1e18m;
        return column >= 0 && FieldText.TryReadDecimal(FieldText.Trim(fields[column]), out var number, out _) && Math.Abs(number) <= Most ? number : null;
    }

    private int First(ColumnRole role) => _feed.ColumnsWith(role) is [var first, ..] ? first : -1;
}
