using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using KisFeed.Feeds;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.Architecture.Tests;

/// <summary>
/// Writes the reference pages of the feeds, <c>docs/feeds/*.md</c>, from the feeds, their doc comments and the published frames.
/// </summary>
internal sealed partial class FeedPages
{
    private const int LineLength = 118;

    private static readonly Dictionary<FeedMarket, string> s_marketNames = new()
    {
        [FeedMarket.Stocks] = "Stocks (국내주식)",
        [FeedMarket.Indices] = "Indices (국내지수)",
        [FeedMarket.Elw] = "Equity-linked warrants (ELW)",
        [FeedMarket.Etf] = "Exchange-traded funds (ETF)",
        [FeedMarket.Bonds] = "Bonds (장내채권)",
        [FeedMarket.Futures] = "Futures (선물)",
        [FeedMarket.Options] = "Options (옵션)",
        [FeedMarket.NightSession] = "Night session (KRX 야간선물옵션)",
        [FeedMarket.Overseas] = "Overseas (해외주식, 해외선물옵션)",
        [FeedMarket.Notices] = "Order notices (체결통보)",
    };

    // Feeds of trades and of expected trades can share a record, whose comments are about trades.
    private static readonly Dictionary<string, string> s_expectedMeanings = new(StringComparer.Ordinal)
    {
        ["Price"] = "The expected price.",
        ["Volume"] = "The expected quantity; nothing was traded.",
        ["Value"] = "The value of the expected quantity; nothing was traded.",
        ["AccumulatedVolume"] = "The quantity in the field 누적 거래량. The documents do not say whether it includes the expected quantity; "
            + "it is not counted as traded.",
        ["AccumulatedValue"] = "The value in the field 누적 거래 대금; not counted as traded, as for `accumulatedVolume`.",
        ["SellTradeCount"] = "The number in the field 매도체결건수; not counted as trades.",
        ["BuyTradeCount"] = "The number in the field 매수체결건수; not counted as trades.",
        ["SellVolume"] = "The quantity in the field 총매도수량; not counted as traded.",
        ["BuyVolume"] = "The quantity in the field 총매수수량; not counted as traded.",
        ["Side"] = "The side of the expected trade.",
        ["TurnoverRate"] = "`accumulatedVolume` relative to the listed quantity.",
    };

    private readonly Dictionary<string, string> _comments;
    private readonly ILookup<string, string> _samples;

    public FeedPages()
    {
        var xml = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "KisFeed.xml"));
        _comments = xml.Descendants("member")
            .ToDictionary(m => m.Attribute("name")!.Value, m => TextOf(m.Element("summary")), StringComparer.Ordinal);
        _samples = File.ReadLines(Path.Combine(RepositoryRoot.Path, "tests", "data", "samples.txt")).Where(l => l.Length > 0 && l[0] != '#')
            .ToLookup(l => l.Split('|')[1], StringComparer.Ordinal);
    }

    /// <summary>The feeds of the production service, in the order of the index.</summary>
    public static IReadOnlyList<FeedSchema> Feeds { get; } =
        [.. KisFeeds.Catalog.Feeds.Where(f => !f.IsMockOnly).OrderBy(f => f.Market).ThenBy(f => f.RecordName, StringComparer.Ordinal)
            .ThenBy(f => f.TrId, StringComparer.Ordinal)];

    /// <summary>The pages by file name.</summary>
    public IEnumerable<(string File, string Text)> All()
    {
        yield return ("README.md", Index());
        yield return ("glossary.md", Glossary());
        foreach (var feed in Feeds)
            yield return ($"{feed.TrId}.md", Page(feed));
    }

    private static string Index()
    {
        var text = Begin("Feeds by market");
        Prose(text, $"All {Feeds.Count} real-time feeds that the broker publishes. An alias is a short name for the command and for "
            + "addresses: `kisfeed watch trade:005930`. [glossary.md](glossary.md) lists the columns of all feeds by element.");
        foreach (var market in Feeds.GroupBy(f => f.Market))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n## {s_marketNames[market.Key]}\n\n| TR ID | alias | title | columns | record |\n|---|---|---|---:|---|\n");
            foreach (var feed in market)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| [{feed.TrId}]({feed.TrId}.md) | `{feed.Alias}` | {feed.Korean} | {Widths(feed)} | `{feed.RecordName}` |\n");
            }
        }

        return text.ToString();
    }

    private static string Glossary()
    {
        var text = Begin("Glossary of columns");
        Prose(text, "Each element of the broker's documents with its English name, which is the same in all feeds. "
            + "A name such as `asks[].price` is the field of a group's members. Where Korean names or units differ from "
            + "feed to feed, all are listed.");
        text.Append("\n| element | English | Korean | unit |\n|---|---|---|---|\n");
        var columns = Feeds.SelectMany(f => f.PresentColumns.Select(i => f.Columns[i]));
        foreach (var element in columns.GroupBy(c => c.Element.ToUpperInvariant(), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{element.Key}` | {Distinct(element.Select(c => $"`{NameOf(c)}`"))} | "
                + $"{Distinct(element.Select(c => c.Korean))} | {Distinct(element.Select(c => c.Unit ?? ""))} |\n");
        }

        return text.ToString();

        static string Distinct(IEnumerable<string> values) =>
            string.Join(", ", values.Where(v => v.Length > 0).Distinct(StringComparer.Ordinal));
    }

    private string Page(FeedSchema feed)
    {
        var text = Begin($"{feed.TrId}: {feed.Korean}");
        Prose(text, CommentOf($"T:KisFeed.Feeds.{feed.RecordName}"));
        text.Append("\n| | |\n|---|---|\n");
        text.Append(CultureInfo.InvariantCulture, $"| record | `{feed.RecordName}` |\n| alias | `{feed.Alias}`, e.g. `kisfeed watch "
            + $"{feed.Alias}:{feed.KeyExample}` |\n| key | {feed.KeyMeaning}, e.g. `{feed.KeyExample}` |\n");
        if (feed.Document is { } document)
            text.Append(CultureInfo.InvariantCulture, $"| document | {document} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| mock service | "
            + $"{(feed.MockTrId is { } mock ? $"`{mock}`" : feed.MockSource is null ? "unknown" : "no")} ({feed.MockSource}) |\n"
            + $"| columns of a record | {Widths(feed)} |\n| encrypted | {(feed.IsNotice ? "yes" : "no")} |\n");
        text.Append("\n## Columns\n\n");
        if (feed.IsExpected)
        {
            Prose(text, "The values are those that a call auction would have now. Nothing was traded: quantities do not count as volume, "
                + "neither in bars nor as the missed volume of a gap.");
            text.Append('\n');
        }

        if (feed.Layouts.Length > 1)
        {
            Prose(text, "The first columns of the table are the positions in a record, for each width.");
            text.Append('\n');
        }

        var numbers = feed.Layouts.Length == 1 ? "#" : string.Join(" | ", feed.Layouts.Select(l => $"#/{l.Width}"));
        text.Append(CultureInfo.InvariantCulture, $"| {numbers} | element | Korean | English | type | unit | meaning |\n"
            + $"|{string.Concat(feed.Layouts.Select(_ => "---:|"))}---|---|---|---|---|---|\n");
        foreach (var index in feed.PresentColumns)
        {
            var column = feed.Columns[index];
            var positions = feed.Layouts.Select(l => l.PositionOf(index) is >= 0 and var position ? $"{position + 1}" : "");
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", positions)} | `{column.Element}` | {column.Korean} | "
                + $"`{NameOf(column)}` | {TypeOf(column)} | {column.Unit} | {MeaningOf(feed, column)} |\n");
        }

        foreach (var layout in feed.Layouts.Where(l => l.ExtraColumns.Length > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nA record of {layout.Width} columns also has "
                + $"{string.Join(", ", layout.ExtraColumns.Select((c, i) => $"`{c.Element}` ({layout.PositionOfExtra(i) + 1})"))}: "
                + $"the documents do not name them.\n");
        }

        foreach (var layout in feed.Layouts.Where(l => feed.PresentColumns.Any(i => l.PositionOf(i) < 0)))
            text.Append(CultureInfo.InvariantCulture, $"\nA record of {layout.Width} columns {Missing(feed, layout)}.\n");
        text.Append("\n## Samples\n\n");
        if (!_samples.Contains(feed.TrId))
            text.Append("No frame of this feed is published.\n");
        foreach (var sample in _samples[feed.TrId].Select(s => feed.IsNotice ? $"{s} (decrypted)" : s))
            text.Append(CultureInfo.InvariantCulture, $"```text\n{sample}\n```\n");
        text.Append("\n## In the simulator\n\n");
        Prose(text, SimulatorText(feed));
        return text.ToString();
    }

    private static string SimulatorText(FeedSchema feed) => feed.TrId switch
    {
        "H0UPCNT0" or "H0BJCNT0" or "H0NXPGM0" or "H0UNPGM0" or "H0STPGM0" or "H0IFCNI0" =>
            "A modelled market: consistent with the other modelled feeds. See [simulator.md](../simulator.md).",
        _ => "Generated records: well-formed, and the same for the same seed. Prices, changes, volumes and levels are consistent within "
            + "the feed, but not with other feeds; other numbers are random.",
    };

    private static string Missing(FeedSchema feed, FeedLayout layout)
    {
        string[] absent = [.. feed.PresentColumns.Where(i => layout.PositionOf(i) < 0).Select(i => $"`{feed.Columns[i].Element}`")];
        return absent.Length <= 8
            ? $"does not have {string.Join(", ", absent)}"
            : $"does not have {absent.Length} of them: {string.Join(", ", absent.Take(4))} and others";
    }

    private static string Widths(FeedSchema feed) => string.Join(", ", feed.Layouts.Select(l => l.Width));

    private static string NameOf(Column column) => column switch
    {
        { Group: null } => column.JsonName,
        { GroupIndex: < 0 } => $"{Camel(column.Group)}.{Camel(column.Field!)}",
        _ => $"{Camel(column.Group)}[].{Camel(column.Field!)}",
    };

    private static string TypeOf(Column column) => column.Codes.Count == 0
        ? column.Type.ToString().ToLowerInvariant()
        : "code: " + string.Join(
            ", ",
            column.Codes.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value.JsonName} {c.Value.Korean}"));

    private string MeaningOf(FeedSchema feed, Column column)
    {
        if (feed.IsExpected && s_expectedMeanings.GetValueOrDefault(column.Name) is { } expected)
            return expected;
        if (column.Group is null)
            return CommentOf($"P:KisFeed.Feeds.{feed.RecordName}.{column.Name}");
        var property = typeof(IndexTrade).Assembly.GetType($"KisFeed.Feeds.{feed.RecordName}")!.GetProperty(column.Group)!.PropertyType;
        var member = property.IsGenericType ? property.GetGenericArguments()[0] : property;
        return CommentOf($"P:KisFeed.Feeds.{member.Name}.{column.Field}");
    }

    private string CommentOf(string member) => _comments.GetValueOrDefault(member) is { Length: > 0 } text
        ? text
        : throw new InvalidOperationException($"{member} has no doc comment");

    private static StringBuilder Begin(string title) =>
        new StringBuilder("<!-- Generated from the code: see CONTRIBUTING.md. -->\n\n")
            .Append(CultureInfo.InvariantCulture, $"# {title}\n\n");

    private static void Prose(StringBuilder text, string prose)
    {
        var length = 0;
        foreach (var word in prose.Split(' '))
        {
            if (length > 0 && length + 1 + word.Length > LineLength)
            {
                text.Append('\n');
                length = 0;
            }

            text.Append(length > 0 ? " " : "").Append(word);
            length += (length > 0 ? 1 : 0) + word.Length;
        }

        text.Append('\n');
    }

    private static string Camel(string name) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);

    private static string TextOf(XElement? element) =>
        element is null ? "" : Blanks().Replace(string.Concat(element.Nodes().Select(TextOf)), " ").Trim();

    private static string TextOf(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => word.Value,
        XElement { Name.LocalName: "see" } see => $"`{Camel(see.Attribute("cref")!.Value.Split('.')[^1])}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement other => TextOf(other),
        _ => "",
    };

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
