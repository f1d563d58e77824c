using KisFeed.Feeds;

namespace KisFeed.Cli.Options;

/// <summary>
/// The options that complete what this version knows about feeds: names of appended columns, and decimal places of prices.
/// </summary>
internal sealed class CatalogOptions
{
    private const int MaxProblems = 3;

    // Commands ask for the catalog more than once, and a file may have a hundred thousand rows.
    private PriceScales? _scales;
    private LayoutFile? _layoutFile;

    public ValueOption<string?> Layouts { get; } = CommonOptions.Layouts();

    /// <summary>Also used for the names of instruments.</summary>
    public MastersOption Masters { get; } = new();

    public Option[] All => [Layouts, Masters];

    /// <summary>Returns all feeds, with the layouts and decimal places of the files that are given.</summary>
    public FeedCatalog Read(CommandHost host, ParseResult arguments)
    {
        var catalog = LayoutsOf(arguments) is { } layouts ? KisFeeds.Catalog.WithLayouts(layouts) : KisFeeds.Catalog;
        return ScalesOf(host, arguments) is { } scales ? catalog.WithPriceScales(scales) : catalog;
    }

    public LayoutFile? LayoutsOf(ParseResult arguments) =>
        arguments.GetValue(Layouts) is { } path ? _layoutFile ??= LayoutFile.Load(path) : null;

    /// <summary>
    /// Returns the decimal places; <see langword="null"/> if no file is given. Rows that cannot be read are reported once.
    /// </summary>
    public PriceScales? ScalesOf(CommandHost host, ParseResult arguments)
    {
        if (_scales is not null || Masters.ReadScales(host, arguments) is not { } scales)
            return _scales;
        _scales = scales;
        foreach (var problem in _scales.Problems.Take(MaxProblems))
        {
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: warning: {problem}; the prices of this contract are not scaled",
                $"kisfeed: 경고: {problem}; 이 종목의 가격은 소수점 없이 그대로 둡니다"));
        }
        if (_scales.Problems.Count > MaxProblems)
        {
            host.Error.WriteLine(UiText.Of(
                $"kisfeed: warning: {_scales.Problems.Count - MaxProblems} more rows cannot be read",
                $"kisfeed: 경고: 읽을 수 없는 줄이 {_scales.Problems.Count - MaxProblems}개 더 있습니다"));
        }
        return _scales;
    }
}
