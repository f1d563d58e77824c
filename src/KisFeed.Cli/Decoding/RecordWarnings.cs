namespace KisFeed.Cli.Decoding;

/// <summary>
/// Warns about records that are not completely understood: once for each feed and width, and once for each feed or contract without decimal
/// places.
/// </summary>
internal sealed class RecordWarnings(TextWriter warnings)
{
    private const int MaxContracts = 20;
    private const string AsSent = "are as the broker sends them, without a decimal point";

    private readonly HashSet<(string TrId, int Width)> _widths = [];
    private readonly HashSet<string> _unscaled = new(StringComparer.Ordinal);

    public void UnknownWidth(FeedSchema feed, in FrameShape shape)
    {
        if (!_widths.Add((feed.TrId, shape.Width)))
            return;
        warnings.WriteLine(
            $"kisfeed: warning: {feed.TrId} has {shape.Width} columns, of which {shape.Layout.Width} are known; "
            + "the others are in \"extra\", and --layouts can name them");
    }

    public void Unscaled(FeedSchema feed, scoped in RecordFields fields)
    {
        if (_unscaled.Count >= MaxContracts)
            return;
        if (feed.PriceScales is null)
        {
            if (_unscaled.Add(feed.TrId))
            {
                warnings.WriteLine(
                    $"kisfeed: warning: the prices of {feed.TrId} {AsSent}; {MastersOption.OptionName} gives their decimal places");
            }
            return;
        }

        var key = PrintableText.Clean(Encoding.UTF8.GetString(feed.KeyOf(fields)));
        if (_unscaled.Add(key))
            warnings.WriteLine($"kisfeed: warning: the master files do not have {key}: its prices {AsSent}");
    }
}
