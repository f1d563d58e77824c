namespace KisFeed.Simulator.Market;

/// <summary>Open, high, low, last and previous close of a day, all in the same unit.</summary>
internal sealed class PriceRange(long firstPreviousClose)
{
    private bool _traded;

    public long PreviousClose { get; private set; } = firstPreviousClose;

    public long Open { get; private set; }

    public long High { get; private set; }

    public long Low { get; private set; }

    public long Last { get; private set; } = firstPreviousClose;

    /// <summary>Ends the day: the last price becomes the previous close.</summary>
    public void Roll()
    {
        PreviousClose = Last;
        _traded = false;
    }

    public void Add(long price)
    {
        Last = price;
        if (!_traded)
        {
            Open = High = Low = price;
            _traded = true;
        }

        High = Math.Max(High, price);
        Low = Math.Min(Low, price);
    }
}
