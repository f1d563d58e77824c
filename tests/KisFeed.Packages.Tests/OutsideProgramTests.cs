using System.Globalization;
using System.Text.RegularExpressions;
using KisFeed.Feeds;
using KisFeed.Simulator.Market;
using KisFeed.TestSupport;
using OwnRecord;

namespace KisFeed.Packages.Tests;

/// <summary>The packages work in projects that have only them, and these read every record as the simulator sent it.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed partial class OutsideProgramTests(PackedFolder packed) : IClassFixture<PackedFolder>
{
    private const int Records = 100;
    private const int Seed = 7;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>The tool serves the market, and the program of README.md reads it.</summary>
    [Fact]
    public async Task The_program_of_the_README_prints_what_the_tool_sends()
    {
        var tool = await packed.InstallToolAsync();
        var readme = await ReadAsync("README.md");
        var program = await packed.BuildAsync("Kospi", Files(("Program.cs", CodeBlock().Match(readme).Groups["code"].Value)), ["KisFeed"]);
        await using var simulator = ProcessRunner.Start(
            tool, ["simulate", "--port", "0", "--seed", Seed.ToString(CultureInfo.InvariantCulture), "--rate", "200"]);
        var url = "";
        while (url.Length == 0)
            url = Address().Match(await simulator.ReadLineAsync(s_limit)).Value;

        await using var kospi = ProcessRunner.Start("dotnet", [program, url]);

        var columns = IndexTrade.Feed.Schema.Columns.Select(column => column.Name).ToList();
        var (time, price, rate) = (
            columns.IndexOf(nameof(IndexTrade.Time)), columns.IndexOf(nameof(IndexTrade.Price)),
            columns.IndexOf(nameof(IndexTrade.ChangeRate)));
        var market = MarketOptions.Default with { Seed = Seed, Step = TimeSpan.FromMilliseconds(5) };
        (await LinesAsync(kospi)).ShouldBe(MarketRecords.Of(market, IndexTrade.Feed.TrId, "0001", Records)
            .Select(record => $"{Clock(record[time])} {record[price]} ({Signed(record[rate])}%)"));
    }

    /// <summary>Its project has every package of a library, so they restore together.</summary>
    [Fact]
    public async Task A_record_type_of_ones_own_decodes_what_the_simulator_sends()
    {
        var libraries = packed.Names.Where(name => name != "KisFeed.Cli").ToList();
        libraries.ShouldContain("KisFeed.Gateway", StringComparer.Ordinal);
        var program = await packed.BuildAsync(
            "OwnRecord",
            Files(
                ("Program.cs", await ReadAsync("samples/OwnRecord/Program.cs")),
                ("GoldTrade.cs", await ReadAsync("samples/OwnRecord/GoldTrade.cs"))),
            libraries);

        await using var own = ProcessRunner.Start("dotnet", [program]);

        var market = MarketOptions.Default with { Catalog = KisFeeds.Catalog.With(GoldTrade.Feed.Schema) };
        (await LinesAsync(own)).ShouldBe(MarketRecords.Of(market, GoldTrade.Feed.TrId, "G01612", Records)
            .Select(record => $"{record[0]} {Clock(record[1])} {record[2]} {record[3]}"));
    }

    [Fact]
    public async Task The_page_on_feeds_has_the_program()
    {
        var page = await ReadAsync("docs/feeds.md");

        page.ShouldContain($"```csharp\n{await ReadAsync("samples/OwnRecord/Program.cs")}```");
    }

    private static async Task<List<string>> LinesAsync(RunningProcess program)
    {
        var lines = new List<string>();
        while (lines.Count < Records)
            lines.Add(await program.ReadLineAsync(s_limit));
        return lines;
    }

    private static Dictionary<string, string> Files(params (string Name, string Text)[] files) =>
        files.ToDictionary(file => file.Name, file => file.Text, StringComparer.Ordinal);

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, file));

    private static string Clock(string digits) => $"{digits[..2]}:{digits[2..4]}:{digits[4..]}";

    private static string Signed(string rate) => rate[0] == '-' || rate == "0.00" ? rate : $"+{rate}";

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"ws://[0-9.:]+", RegexOptions.None, 5000)]
    private static partial Regex Address();
}
