using KisFeed.Feeds;

namespace KisFeed.Cli.Options;

/// <summary>
/// The options that complete what this version knows about feeds: names of appended columns, and decimal places of prices.
/// </summary>
internal sealed class CatalogOptions
{
    public const string MastersName = "--masters";

    private const int MaxProblems = 3;

    private readonly Option<string?> _layouts = CommonOptions.Layouts();
    private readonly ValueOption<string?> _masters = new(MastersName, "FILE|DIR",
        UiText.Of(
            "Decimal places of the prices of overseas futures and options, which the broker sends without them: its master file "
                + "ffcode.mst, focode.mst or fostkcode.mst, or a folder with them.",
            "해외선물·옵션 가격의 소수점 자릿수를 읽을 종목 마스터파일(ffcode.mst, focode.mst, fostkcode.mst)이나 그 폴더. 증권사는 소수점 없이 보냅니다."));

    // Commands ask for the catalog more than once, and a file may have a hundred thousand rows.
    private PriceScales? _scales;
    private LayoutFile? _layoutFile;

    public Option[] All => [_layouts, _masters];

    /// <summary>Returns all feeds, with the layouts and decimal places of the files that are given.</summary>
    public FeedCatalog Read(CommandHost host, ParseResult arguments)
    {
        var catalog = LayoutsOf(arguments) is { } layouts ? KisFeeds.Catalog.WithLayouts(layouts) : KisFeeds.Catalog;
        return ScalesOf(host, arguments) is { } scales ? catalog.WithPriceScales(scales) : catalog;
    }

    public LayoutFile? LayoutsOf(ParseResult arguments) =>
        arguments.GetValue(_layouts) is { } path ? _layoutFile ??= LayoutFile.Load(path) : null;

    /// <summary>
    /// Returns the decimal places; <see langword="null"/> if no file is given. Rows that cannot be read are reported once.
    /// </summary>
    public PriceScales? ScalesOf(CommandHost host, ParseResult arguments)
    {
        if (_scales is not null || arguments.GetValue(_masters) is not { } path)
            return _scales;
        _scales = PriceScales.Load(path);
        foreach (var problem in _scales.Problems.Take(MaxProblems))
        {
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: warning: {problem}; the prices of this contract are not scaled",
                $"kisfeed: 경고: {problem}; 이 종목의 가격은 소수점 없이 그대로 둡니다"));
        }
        if (_scales.Problems.Count > MaxProblems)
        {
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: warning: {_scales.Problems.Count - MaxProblems} more rows of {path} cannot be read",
                $"kisfeed: 경고: {path}에 읽을 수 없는 줄이 {_scales.Problems.Count - MaxProblems}개 더 있습니다"));
        }
        return _scales;
    }
}
