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
            UiText.Of(
                $"kisfeed: warning: {feed.TrId} has {shape.Width} columns, of which {shape.Layout.Width} are known; the others are in "
                    + "\"extra\", and --layouts can name them",
                $"kisfeed: 경고: {feed.TrId}: 컬럼 {shape.Width}개 가운데 {shape.Layout.Width}개만 압니다. 나머지는 \"extra\"에 있으며, --layouts로 이름을 붙일 수 "
                    + "있습니다"));
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
                    UiText.Of(
                        $"kisfeed: warning: the prices of {feed.TrId} {AsSent}; {MastersOption.OptionName} gives their decimal places",
                        $"kisfeed: 경고: {feed.TrId}: 가격이 증권사가 보낸 대로 소수점이 없습니다. 자릿수는 {MastersOption.OptionName}로 지정하세요"));
            }
            return;
        }

        var key = PrintableText.Clean(Encoding.UTF8.GetString(feed.KeyOf(fields)));
        if (_unscaled.Add(key))
        {
            warnings.WriteLine(UiText.Of(
                $"kisfeed: warning: the master files do not have {key}: its prices {AsSent}",
                $"kisfeed: 경고: 마스터파일에 {key} 종목이 없어 가격이 증권사가 보낸 대로 소수점이 없습니다"));
        }
    }
}
