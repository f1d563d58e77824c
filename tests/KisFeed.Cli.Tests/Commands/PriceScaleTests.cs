namespace KisFeed.Cli.Tests.Commands;

/// <summary>Decimal places of overseas futures, from <c>--masters</c>, in every command that writes prices.</summary>
public sealed class PriceScaleTests : IDisposable
{
    private const string Unscaled = "without a decimal point; --masters gives their decimal places";

    private readonly DirectoryInfo _masters = Directory.CreateTempSubdirectory("kisfeed-masters-");
    private readonly CapturedTicks _capture = new(writer =>
    {
        writer.Write(
            "HDFFF020", CapturedTicks.Bytes(OverseasFutures.GoldTrade), new DateTimeOffset(2026, 11, 20, 12, 30, 5, TimeSpan.Zero));
        writer.Write("HDFFF010", CapturedTicks.Bytes(OverseasFutures.GoldBook), new DateTimeOffset(2026, 11, 20, 12, 30, 5, TimeSpan.Zero));
    });

    public PriceScaleTests() => File.WriteAllBytes(Path.Combine(_masters.FullName, "ffcode.mst"), OverseasFutures.Futures());

    [Fact]
    public async Task Decode_scales_prices_or_says_once_that_it_cannot()
    {
        var input = CapturedTicks.Bytes($"{OverseasFutures.GoldTrade}\n{OverseasFutures.GoldTrade}\n{OverseasFutures.GoldBook}\n");

        var scaled = await CommandRun.WithInputAsync(input, "decode", "--masters", _masters.FullName);
        var plain = await CommandRun.WithInputAsync(input, "decode");

        scaled.Objects[0].GetProperty("price").GetRawText().ShouldBe("1922.5");
        scaled.Objects[0].GetProperty("change").GetRawText().ShouldBe("-5.0");
        scaled.Objects[2].GetProperty("asks")[0].GetProperty("price").GetRawText().ShouldBe("1922.6");
        scaled.Error.ShouldBeEmpty();
        plain.Objects[0].GetProperty("price").GetRawText().ShouldBe("19225");
        plain.Objects[0].GetProperty("priceScale").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        plain.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            $"kisfeed: warning: the prices of HDFFF020 are as the broker sends them, {Unscaled}",
            $"kisfeed: warning: the prices of HDFFF010 are as the broker sends them, {Unscaled}",
        ]);
    }

    [Fact]
    public async Task A_contract_that_the_master_files_lack_is_named()
    {
        var input = CapturedTicks.Bytes(OverseasFutures.GoldTrade.Replace("GCZ26", "ZBZ26", StringComparison.Ordinal) + "\n");

        var run = await CommandRun.WithInputAsync(input, "decode", "--masters", Path.Combine(_masters.FullName, "ffcode.mst"));

        run.Objects[0].GetProperty("price").GetRawText().ShouldBe("19225");
        run.Error.TrimEnd().ShouldBe(
            "kisfeed: warning: the master files do not have ZBZ26: its prices are as the broker sends them, without a decimal point");
    }

    [Fact]
    public async Task Master_files_without_decimal_places_are_not_an_error()
    {
        var input = CapturedTicks.Bytes(OverseasFutures.GoldTrade + "\n");
        File.Delete(Path.Combine(_masters.FullName, "ffcode.mst"));
        await File.WriteAllBytesAsync(Path.Combine(_masters.FullName, "kospi_code.mst"), StockMasters.Kospi(("005930", "삼성전자")));

        var plain = await CommandRun.WithInputAsync(input, "decode", "--masters", _masters.FullName);
        await File.WriteAllBytesAsync(
            Path.Combine(_masters.FullName, "ffcode.mst.zip"), StockMasters.Packed("ffcode.mst", OverseasFutures.Futures()));
        var scaled = await CommandRun.WithInputAsync(input, "decode", "--masters", _masters.FullName);

        plain.ExitCode.ShouldBe(ExitCode.Success, plain.Error);
        plain.Objects[0].GetProperty("price").GetRawText().ShouldBe("19225");
        plain.Error.ShouldContain(Unscaled);
        scaled.Objects[0].GetProperty("price").GetRawText().ShouldBe("1922.5");
        scaled.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Export_and_bars_scale_prices_or_report_how_many_they_could_not()
    {
        var csv = await CommandRun.OfAsync("export", _capture.Path, "--feed", "overseas-futures", "--masters", _masters.FullName);
        var bars = await CommandRun.OfAsync(
            "bars", _capture.Path, "--feed", "overseas-futures", "--format", "csv", "--masters", _masters.FullName);
        var plain = await CommandRun.OfAsync("export", _capture.Path, "--feed", "overseas-futures");
        var plainBars = await CommandRun.OfAsync("bars", _capture.Path, "--feed", "overseas-futures", "--format", "csv");

        csv.Rows[1].ShouldContain(",1922.5,3,-5.0,-0.26,");
        csv.Error.ShouldBeEmpty();
        bars.Rows[1].ShouldContain(",1922.5,1922.5,1922.5,1922.5,");
        plain.Rows[1].ShouldContain(",19225,3,-50,-0.26,");
        plain.Error.TrimEnd().ShouldBe($"kisfeed: 1 record has prices as the broker sends them, {Unscaled}");
        plainBars.Rows[1].ShouldContain(",19225,19225,19225,19225,");
        plainBars.Error.ShouldContain($"kisfeed: 1 record has prices as the broker sends them, {Unscaled}");
    }

    [Fact]
    public async Task Master_files_that_cannot_be_used_end_the_command_and_wrong_rows_are_reported()
    {
        using var empty = new CapturedTicks(_ => { });
        var missing = await CommandRun.OfAsync("decode", "--masters", empty.OutputFolder);
        await File.AppendAllTextAsync(Path.Combine(_masters.FullName, "ffcode.mst"), "broken\n");
        var run = await CommandRun.WithInputAsync(
            CapturedTicks.Bytes(OverseasFutures.GoldTrade + "\n"), "decode", "--masters", _masters.FullName);

        missing.ShouldFail(ExitCode.Usage, "has no master file (*.mst, *.cod, *.mst.zip, *.cod.zip): download the broker's");
        run.Objects[0].GetProperty("price").GetRawText().ShouldBe("1922.5");
        run.Error.ShouldContain("ffcode.mst, line 7: the row has 6 bytes instead of 223; the prices of this contract are not scaled");
    }

    [Fact]
    public async Task Watch_scales_prices_of_the_service()
    {
        await using var service = await Service.StartAsync();
        string[] command = ["watch", "overseas-futures:GCZ26", "--format", "json", "--count", "1"];

        var scaled = await CommandRun.WithVariablesAsync(service.Variables, [.. command, "--masters", _masters.FullName]);
        var plain = await CommandRun.WithVariablesAsync(service.Variables, command);

        scaled.Objects[0].GetProperty("priceScale").GetInt32().ShouldBe(1);
        scaled.Objects[0].GetProperty("price").GetRawText().ShouldMatch(@"^\d+\.\d$");
        scaled.Error.ShouldBeEmpty();
        plain.Objects[0].GetProperty("price").GetRawText().ShouldMatch(@"^\d+$");
        plain.Error.ShouldContain($"the prices of HDFFF020 are as the broker sends them, {Unscaled}");
    }

    [Fact]
    public async Task Trading_by_day_is_registered_too_on_request()
    {
        await using var service = await Service.StartAsync();

        var run = await CommandRun.UntilAsync(
            ["RBAQAAPL", "DNASAAPL", "H0UPCNT0"], service.Variables, "watch", "us:AAPL", "index:0001", "--with-day-time", "--format",
            "json");
        var refused = await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "--with-day-time", "--count", "1");

        run.Objects.Select(o => o.GetProperty("key").GetString()).Distinct(StringComparer.Ordinal)
            .ShouldBe(["DNASAAPL", "RBAQAAPL", "0001"], ignoreOrder: true);
        refused.ShouldFail(ExitCode.Usage, "--with-day-time concerns US stocks only, such as us:DNASAAPL");
    }

    [Fact]
    public async Task Frames_with_a_TR_ID_in_lower_case_are_decoded()
    {
        var run = await CommandRun.WithInputAsync(CapturedTicks.Bytes("0|h0stpgm0|001|005930^092237^1^2^3^4^5^6^7^8^-9\n"), "decode");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.ShouldHaveSingleItem().GetProperty("code").GetString().ShouldBe("005930");
    }

    public void Dispose()
    {
        _capture.Dispose();
        _masters.Delete(recursive: true);
    }
}
