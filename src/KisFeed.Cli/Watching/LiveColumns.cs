using System.Text.RegularExpressions;

namespace KisFeed.Cli.Watching;

/// <summary>The columns that a section of the live table shows, and their widths.</summary>
internal sealed partial record LiveColumns(IReadOnlyList<int> Shown, int[] Widths)
{
    public const int Name = 0;
    public const int TrId = 1;
    public const int Key = 2;
    public const int Time = 3;
    public const int FirstValue = 4;
    public const int Separation = 2;
    private const int ShortName = 16;
    private const int ShortestName = 12;

    public bool IsPartial { get; private init; }

    /// <summary>Whether the headings have only their Korean words and units.</summary>
    public bool HaveShortHeadings { get; private init; }

    /// <summary>
    /// Chooses the columns of each section. Sections share their columns and widths if only TR ID, key and age must be hidden for that.
    /// Otherwise each has its own, so that a section with many columns hides no values of the others.
    /// </summary>
    /// <param name="sections">The sections; their cells are name, TR ID, key, time, values and age.</param>
    /// <param name="maxWidth">The width of the terminal.</param>
    public static IReadOnlyList<LiveColumns> Fit(IReadOnlyList<LiveRows> sections, int maxWidth)
    {
        var count = sections.Max(section => section.Heading.Length);
        var age = count - 1;
        int[] widths = [.. Enumerable.Range(0, count).Select(column => sections.Max(section => section.WidthOf(column)))];
        var shared = WithoutSecondary([.. Enumerable.Range(0, count)], widths, age, maxWidth);
        return shared.Fits(maxWidth) ? [.. sections.Select(_ => shared)] : [.. sections.Select(section => FitOne(section, age, maxWidth))];
    }

    /// <summary>The heading without English words, which repeat the Korean ones. Units stay.</summary>
    public static string ShortHeading(string heading) => EnglishWord().Replace(heading, "") is { Length: > 0 } korean ? korean : heading;

    private static LiveColumns FitOne(LiveRows section, int age, int maxWidth)
    {
        List<int> all = [.. Enumerable.Range(0, FirstValue + section.Values), age];
        var columns = WithoutSecondary(all, [.. Enumerable.Range(0, age + 1).Select(column => section.WidthOf(column))], age, maxWidth);
        if (!columns.Fits(maxWidth))
            columns = columns.WithNarrowName(ShortName, maxWidth);
        if (!columns.Fits(maxWidth))
        {
            var narrow = columns with
            {
                Widths = [.. Enumerable.Range(0, age + 1).Select(column => section.WidthOf(column, isShort: true))],
                HaveShortHeadings = true,
            };
            columns = narrow.WithNarrowName(ShortestName, maxWidth);
        }

        foreach (var column in (IEnumerable<int>)[Time, .. Enumerable.Range(FirstValue + 1, Math.Max(0, section.Values - 1)).Reverse()])
        {
            if (columns.Fits(maxWidth))
                break;
            columns = columns.Without(column);
        }

        return columns;
    }

    private static LiveColumns WithoutSecondary(List<int> all, int[] widths, int age, int maxWidth)
    {
        var columns = new LiveColumns(all, widths);
        foreach (var column in (IEnumerable<int>)[Key, TrId, age])
        {
            if (columns.Fits(maxWidth))
                break;
            columns = columns.Without(column);
        }

        return columns;
    }

    // An ellipsis after the heading marks hidden columns.
    private int Excess(int maxWidth) =>
        Shown.Sum(column => Widths[column] + Separation) - Separation + (IsPartial ? Separation : 0) - maxWidth;

    private bool Fits(int maxWidth) => Excess(maxWidth) <= 0;

    private LiveColumns Without(int column) => this with { Shown = [.. Shown.Where(shown => shown != column)], IsPartial = true };

    private LiveColumns WithNarrowName(int least, int maxWidth)
    {
        int[] widths = [.. Widths];
        widths[Name] = Math.Min(widths[Name], Math.Max(least, widths[Name] - Math.Max(0, Excess(maxWidth))));
        return this with { Widths = widths };
    }

    [GeneratedRegex(@" [A-Z][a-z]+\.?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: -1)]
    private static partial Regex EnglishWord();
}
