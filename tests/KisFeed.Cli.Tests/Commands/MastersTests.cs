namespace KisFeed.Cli.Tests.Commands;

/// <summary>The broker's master files: what they have, and their names in commands.</summary>
public sealed class MastersTests : IDisposable
{
    private readonly DirectoryInfo _masters = Directory.CreateTempSubdirectory("kisfeed-masters-");

    public MastersTests()
    {
        Write("kospi_code.mst.zip", StockMasters.Packed(
            "kospi_code.mst", StockMasters.Kospi(("323410", "카카오뱅크"), ("005930", "삼성전자"), ("F70100026", "펀드"))));
        Write("theme_code.mst", "not read"u8);
    }

    public void Dispose() => _masters.Delete(recursive: true);

    [Fact]
    public async Task The_files_of_a_folder_are_shown_with_an_example()
    {
        Write("ffcode.mst", OverseasFutures.Futures());

        var run = await CommandRun.OfAsync("masters", _masters.FullName);
        var json = await CommandRun.OfAsync("masters", _masters.FullName, "--json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines[0].ShouldMatch("^file +instruments +skipped +kinds +example$");
        run.Lines[1].ShouldMatch("^ffcode.mst +5 +1 +overseasFuture +6AZ26 호주 달러-202612$");
        run.Lines[2].ShouldMatch("^kospi_code.mst.zip +2 +1 +stock +323410 카카오뱅크$");
        run.Lines[3].ShouldMatch("^theme_code.mst +- +- +not used$");
        run.Lines.Length.ShouldBe(4);
        json.Lines[1].ShouldBe("""{"file":"kospi_code.mst.zip","isUsed":true,"kinds":["stock"],"instruments":2,"skipped":1"""
            + ""","example":{"code":"323410","name":"카카오뱅크"},"problem":null}""");
        json.Objects.Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_reported_beside_the_others()
    {
        Write("kosdaq_code.mst", "short\n"u8);

        var run = await CommandRun.OfAsync("masters", _masters.FullName);

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Lines[1].ShouldMatch("^kosdaq_code.mst +- +- +not readable$");
        run.Lines[2].ShouldContain("카카오뱅크");
        run.Error.ShouldBe($"kisfeed: {Path.Combine(_masters.FullName, "kosdaq_code.mst")}, line 1: the line is too short for "
            + "kosdaq_code.mst: use the file as the broker publishes it\n");
    }

    [Theory]
    [InlineData("카카오뱅크")]
    [InlineData("ㅋㅋㅇㅂㅋ")]
    [InlineData("323410")]
    [InlineData("뱅크")]
    public async Task An_instrument_is_found_by_name_initial_consonants_and_code(string text)
    {
        var run = await CommandRun.OfAsync("masters", _masters.FullName, text, "--json");
        var find = await CommandRun.OfAsync("find", text, "--masters", _masters.FullName, "--json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldBe(["""{"kind":"stock","code":"323410","name":"카카오뱅크","englishName":null"""
            + ""","targets":["trade:323410","book:323410","program:323410"]}"""]);
        find.Lines[0].ShouldBe(run.Lines[0]);
    }

    [Fact]
    public async Task What_is_not_found_has_a_hint()
    {
        var missing = await CommandRun.OfAsync("masters", _masters.FullName, "없는", "이름");
        missing.ShouldFail(ExitCode.NotFound, $"nothing found for '없는 이름'. 'kisfeed masters {_masters.FullName}' shows");
        var without = await CommandRun.OfAsync("find", "카카오뱅크");
        without.ShouldFail(ExitCode.NotFound, "--masters DIR adds those of the broker's master files");
        (await CommandRun.OfAsync("masters", Path.Combine(_masters.FullName, "none")))
            .ShouldFail(ExitCode.Usage, "is not a folder with master files");
    }

    [Theory]
    [InlineData("trade:카카오뱅크")]
    [InlineData("book:323410")]
    public async Task Names_of_master_files_stand_for_keys_and_beside_them(string target)
    {
        await using var service = await Service.StartAsync();

        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", target, "--count", "1", "--masters", _masters.FullName);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldContain(line => line.Contains(" 323410 카카오뱅크 ", StringComparison.Ordinal), run.Output);
    }

    [Fact]
    public async Task A_gateway_finds_the_names_of_a_folder_that_its_configuration_file_names()
    {
        using var file = new TemporaryFile($"masters: {_masters.FullName}\nport: 0\n");
        await using var gateway = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal), "gateway", "--simulate", "--format", "json", "--config", file.Path);
        await gateway.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        var url = JsonSerializer.Deserialize<JsonElement>(gateway.Output).GetProperty("websocket").GetString()!;
        using var web = new HttpClient();

        var found = await web.GetStringAsync(
            new Uri($"{url.Replace("ws:", "http:", StringComparison.Ordinal)}/v1/instruments?q=카카오뱅크"),
            TestContext.Current.CancellationToken);

        found.ShouldBe("""{"instruments":[{"kind":"stock","code":"323410","name":"카카오뱅크","englishName":null}]}""" + "\n");
    }

    private void Write(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(Path.Combine(_masters.FullName, name), content);
}
