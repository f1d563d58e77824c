namespace KisFeed.Cli.Tests.Loading;

/// <summary>Python's csv module reads what the command exports.</summary>
public sealed class PythonTests(ExportedDay day) : IClassFixture<ExportedDay>
{
    // Parses every cell as the type of its column in 'kisfeed feeds --format json'; absent values are empty.
    private const string Typed = """
        import csv, json, sys
        from datetime import date, datetime, time
        from decimal import Decimal

        columns = {column["english"]: column["type"] for column in json.load(sys.stdin)["columns"]}
        types = {
            "integer": int,
            "decimal": Decimal,
            "date": lambda text: date(int(text[:4]), int(text[4:6]), int(text[6:8])),
            "time": lambda text: time(int(text[:2]), int(text[2:4]), int(text[4:6])),
            "text": str,
            "code": str,
        }
        rows = 0
        with open(sys.argv[1], newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, strict=True):
                assert None not in row and None not in row.values(), row
                assert list(row) == ["receivedAt", "exchangeTime", "feed", "key", "frame", "record", *columns, *sys.argv[2:], "extra"], row
                received = datetime.fromisoformat(row["receivedAt"])
                assert received.utcoffset().total_seconds() == 0
                if row["exchangeTime"]:
                    exchange = datetime.fromisoformat(row["exchangeTime"])
                    assert exchange.utcoffset().total_seconds() == 9 * 3600
                assert int(row["record"]) >= 1
                for name, kind in columns.items():
                    if row[name]:
                        types[kind](row[name])
                rows += 1
        print(rows)
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Feeds => ExportedDay.Feeds;

    [Theory]
    [MemberData(nameof(Feeds))]
    public async Task Every_cell_matches_the_type_of_its_column(string trId)
    {
        var feed = await CommandRun.OfAsync("feeds", trId, "--format", "json");

        KisFeeds.Catalog.TryFind(trId, out var schema).ShouldBeTrue();
        string[] added = schema.HasScaledPrices ? ["priceScale"] : [];

        var output = await RunAsync(Typed, day.Csv(trId), feed.Output, added);

        output.ShouldBe([day.Rows(trId).Length.ToString(CultureInfo.InvariantCulture)]);
    }

    [Theory]
    [InlineData("H0UPCNT0")]
    [InlineData("H0BJCNT0")]
    public async Task The_program_of_the_page_finds_no_missing_trade(string trId)
    {
        var output = await RunAsync(ExportPage.VolumeProgram, day.Csv(trId), "");

        output.Length.ShouldBeGreaterThan(1);
        output.ShouldAllBe(line => line.EndsWith(" complete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_of_the_page_reports_missing_trades()
    {
        using var file = new TemporaryFile("receivedAt,key,accumulatedVolume,volume\r\nx,0001,10,10\r\nx,0001,25,5\r\n");

        (await RunAsync(ExportPage.VolumeProgram, file.Path, "")).ShouldBe(["0001 15 10 missing"]);
    }

    private static async Task<string[]> RunAsync(string program, string path, string input, params string[] arguments) =>
        (await ProcessRunner.RunAsync(ProcessRunner.Python, ["-c", program, path, .. arguments], s_limit, input: input))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
