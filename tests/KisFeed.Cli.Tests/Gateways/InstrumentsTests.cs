using System.CommandLine;
using KisFeed.Cli.Gateways;
using KisFeed.Gateway;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>Files with names of instruments.</summary>
public sealed class InstrumentsTests : IDisposable
{
    private const int KospiBehind = 227;
    private const int KosdaqBehind = 221;

    private static readonly Encoding s_korean = CodePagesEncodingProvider.Instance.GetEncoding(949)!;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-instruments-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Without_files_the_built_in_names_are_used()
    {
        var all = await ReadAsync();

        all.ShouldContain(new Instrument(InstrumentKind.Index, "0001", "코스피", "KOSPI"));
        all.ShouldContain(new Instrument(InstrumentKind.Stock, "005930", "삼성전자"));
        all.ShouldAllBe(instrument => instrument.HasKey);
    }

    [Fact]
    public async Task A_file_adds_to_the_built_in_names_and_overrides_them()
    {
        var before = await ReadAsync();
        var path = Write("own.csv", "\uFEFFkind,code,name,englishName\r\nindex,0001,종합,\r\nstock,000020,동화약품,\"Dongwha, \"\"Pharm\"\"\"\r\n"
            + "Stock,005930,삼성전자,Samsung Electronics\r\n\r\nbond,KR103502GC97,\"국고 \"\"97\"\"\",\nfuture,A01612,코스피200 F 202612,");

        var all = await ReadAsync("--instruments", path);

        all.Count.ShouldBe(
            before.Count + 3 - (before.Any(i => i.Code == "KR103502GC97") ? 1 : 0) - (before.Any(i => i.Code == "A01612") ? 1 : 0));
        all[before.ToList().FindIndex(i => i.Code == "0001")].ShouldBe(
            new Instrument(InstrumentKind.Index, "0001", "종합", "KOSPI"), "the English name stays");
        all.Single(i => i.Code == "000020").ShouldBe(new Instrument(InstrumentKind.Stock, "000020", "동화약품", "Dongwha, \"Pharm\""));
        all.Single(i => i.Code == "005930").EnglishName.ShouldBe("Samsung Electronics");
        all.Single(i => i.Code == "KR103502GC97").Name.ShouldBe("국고 \"97\"");
        all.Single(i => i.Code == "A01612").Kind.ShouldBe(InstrumentKind.Future);
    }

    [Fact]
    public async Task A_later_file_overrides_an_earlier_one_and_English_names_are_optional()
    {
        var one = Write("one.csv", "kind,code,name\nstock,000020,동화\n");
        var other = Write("other.csv", "kind,code,name\nstock,000020,동화약품\n");

        (await ReadAsync("--instruments", one, "--instruments", other)).Single(i => i.Code == "000020")
            .ShouldBe(new Instrument(InstrumentKind.Stock, "000020", "동화약품"));
    }

    [Theory]
    [InlineData("", 1, "expected the header")]
    [InlineData("code,kind,name\n", 1, "expected the header kind,code,name,englishName")]
    [InlineData("kind,code,name\nstock,005930\n", 2, "expected 3 fields, found 2")]
    [InlineData("kind,code,name\n\nstock,005930,삼성전자,Samsung\n", 3, "expected 3 fields, found 4")]
    [InlineData(
        "kind,code,name\nshare,005930,삼성전자\n", 2, "'share' is not a valid kind. Use index, stock, bond, future, option, stockFuture, ")]
    [InlineData("kind,code,name\n1,005930,삼성전자\n", 2, "'1' is not a valid kind")]
    [InlineData("kind,code,name\nstock,,삼성전자\n", 2, "the code or the name is missing")]
    [InlineData("kind,code,name\nstock,005930, \n", 2, "the code or the name is missing")]
    [InlineData("kind,code,name\nstock,5930,삼성전자\n", 2, "'5930' is not a valid code of kind stock")]
    [InlineData("kind,code,name\nindex,00001,종합\n", 2, "'00001' is not a valid code of kind index")]
    [InlineData("kind,code,name\nbond,005930,삼성전자\n", 2, "'005930' is not a valid code of kind bond")]
    [InlineData("kind,code,name\noverseasStock,AAPL,애플\n", 2, "'AAPL' is not a valid code of kind overseasStock")]
    [InlineData("kind,code,name\nstock,005930,\"삼성\n", 2, "quotation mark")]
    [InlineData("kind,code,name\nstock,005930,\"삼성\"전자\n", 2, "quotation mark")]
    [InlineData("kind,code,name\nstock,005930,삼성\"전자\n", 2, "quotation mark")]
    public async Task Errors_of_a_CSV_file_have_line_numbers(string text, int line, string problem)
    {
        var path = Write("own.csv", text);

        var error = await Should.ThrowAsync<CommandException>(() => ReadAsync("--instruments", path));

        error.Message.ShouldStartWith($"--instruments: {path}, line {line}: ");
        error.Message.ShouldContain(problem);
        error.ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task A_CSV_line_that_is_not_UTF_8_is_reported()
    {
        var path = Write("own.csv", [.. "kind,code,name\nstock,005930,"u8, .. s_korean.GetBytes("삼성전자")]);

        (await Should.ThrowAsync<CommandException>(() => ReadAsync("--instruments", path))).Message
            .ShouldBe($"--instruments: {path}, line 2: the text is not UTF-8: save the file as UTF-8");
    }

    [Theory]
    [InlineData("kospi_code.mst", KospiBehind, "\n")]
    [InlineData("KOSDAQ_CODE.MST", KosdaqBehind, "\r\n")]
    public async Task Stocks_are_read_from_the_brokers_lists(string name, int behind, string lineEnd)
    {
        var path = Write(
            name,
            string.Join(
                lineEnd, StockLine("000020", "KR7000020008", "동화약품", behind), StockLine("Q530031", "KRG530000318", "삼성 인버스 ETN", behind),
                StockLine("0004V0", "KR70004V0004", "엔비알모션", behind), ""),
            s_korean);

        var all = await ReadAsync("--instruments", path);

        all.Single(i => i.Code == "000020").ShouldBe(new Instrument(InstrumentKind.Stock, "000020", "동화약품"));
        all.Single(i => i.Code == "0004V0").Name.ShouldBe("엔비알모션");
        all.ShouldContain(i => i.Code == "Q530031", "an ETN is traded as a stock");
    }

    [Fact]
    public async Task Indices_are_read_from_the_brokers_list()
    {
        var path = Write(
            "idxcode.mst", $"{IndexLine("00001", "종합")}\n{IndexLine("00002", "대형주")}\n{IndexLine("11001", "KOSDAQ")}", s_korean);

        var all = await ReadAsync("--instruments", path);

        all.Single(i => i.Code == "0001").ShouldBe(new Instrument(InstrumentKind.Index, "0001", "종합", "KOSPI"));
        all.Single(i => i.Code == "0002").ShouldBe(new Instrument(InstrumentKind.Index, "0002", "대형주"));
        all.Single(i => i.Code == "1001").Name.ShouldBe("KOSDAQ");
    }

    [Fact]
    public async Task Errors_of_the_brokers_lists_have_line_numbers()
    {
        var good = StockLine("000020", "KR7000020008", "동화약품", KospiBehind);

        (await ErrorOfAsync("kospi_code.mst", $"{good}\nshort\n")).ShouldContain("line 2: the line is too short for kospi_code.mst");
        (await ErrorOfAsync("kospi_code.mst", $"{good}\n\n{StockLine("", "KR7000020008", "동화약품", KospiBehind)}\n"))
            .ShouldContain("line 3: the code or the name is missing");
        (await ErrorOfAsync("idxcode.mst", "")).ShouldEndWith("idxcode.mst is empty");
        var path = Write("idxcode.mst", [.. "00001"u8, 0x81, 0x20]);
        (await Should.ThrowAsync<CommandException>(() => ReadAsync("--instruments", path))).Message
            .ShouldContain("line 1: the name at its position in idxcode.mst is not in code page 949");
    }

    [Fact]
    public async Task Files_of_unknown_format_are_refused()
    {
        (await ErrorOfAsync("member.mst", "x")).ShouldContain("is not named kospi_code.mst, kosdaq_code.mst, konex_code.mst, ");
        (await ErrorOfAsync("xyzmst.cod", "x")).ShouldContain("nasmst.cod, ");
        (await ErrorOfAsync("kospi_code.mst.zip", "x")).ShouldContain("kospi_code.mst.zip cannot be read: ");
        (await ErrorOfAsync("kospi_code.zip", "x")).ShouldContain("expected the header kind,code,name,englishName");
        (await Should.ThrowAsync<CommandException>(() => ReadAsync("--instruments", Path.Combine(_folder.FullName, "none.csv")))).Message
            .ShouldContain("none.csv cannot be read");
    }

    [Fact]
    public async Task The_master_files_of_a_folder_are_read_packed_or_not_and_each_instrument_once()
    {
        WriteMasters();

        var all = await ReadAsync("--masters", _folder.FullName);
        var before = await ReadAsync();

        all.Count.ShouldBe(before.Count + 3);
        all.Count(i => i.Code == "323410").ShouldBe(1, "NXT trades it too");
        all.Single(i => i.Code == "323410").ShouldBe(new Instrument(InstrumentKind.Stock, "323410", "카카오뱅크"));
        all.Single(i => i.Code == "058470").Name.ShouldBe("리노공업");
        all.Single(i => i.Code == "0002").Name.ShouldBe("대형주");
        all.Single(i => i.Code == "0001").ShouldBe(new Instrument(InstrumentKind.Index, "0001", "코스피", "KOSPI"), "종합 is not unique");
        (await ReadAsync(Masters(_folder.FullName))).ShouldBe(all);
        (await ReadAsync("--masters", Path.Combine(_folder.FullName, "kospi_code.mst.zip"))).ShouldContain(i => i.Code == "323410");
    }

    [Fact]
    public async Task The_simulated_stocks_are_the_same_from_a_master_file()
    {
        var stocks = SimulatedInstruments.All.Where(i => i.Kind == InstrumentKind.Stock).ToArray();
        Write("kospi_code.mst", StockMasters.Kospi(stocks.Select(stock => (stock.Code, stock.Name))));

        var read = await InstrumentFile.ReadAsync(_folder.FullName, TestContext.Current.CancellationToken);

        read.ShouldBe(stocks);
        stocks.Length.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task An_unpacked_master_file_takes_precedence_over_its_archive()
    {
        Write("kospi_code.mst.zip", StockMasters.Packed("kospi_code.mst", StockMasters.Kospi(("000020", "이전"))));
        Write("KOSPI_CODE.MST", StockMasters.Kospi(("000020", "동화약품")));

        (await ReadAsync("--masters", _folder.FullName)).Single(i => i.Code == "000020").Name.ShouldBe("동화약품");
    }

    [Fact]
    public async Task Errors_in_master_files_name_the_file_and_the_line()
    {
        var path = WriteMasters();
        Write("kosdaq_code.mst", [.. StockMasters.Kosdaq(("247540", "에코프로비엠")), .. "short\n"u8]);
        (await MastersErrorAsync(_folder.FullName)).ShouldBe($"--masters: {Path.Combine(_folder.FullName, "kosdaq_code.mst")}, line 2: "
            + "the line is too short for kosdaq_code.mst: use the file as the broker publishes it");

        Write("kospi_code.mst.zip", StockMasters.Packed("kospi_code.mst", "short\n"u8.ToArray()));
        (await MastersErrorAsync(path)).ShouldContain("kospi_code.mst.zip, line 1: the line is too short for kospi_code.mst");
        Write("kospi_code.mst.zip", StockMasters.Packed("other.mst", "x"u8.ToArray()));
        (await MastersErrorAsync(path))
            .ShouldBe($"--masters: {path} cannot be read: the archive does not have kospi_code.mst: download it again");
        Write("kospi_code.mst.zip", StockMasters.Packed("kospi_code.mst", [])[..20]);
        (await MastersErrorAsync(path)).ShouldStartWith($"--masters: {path} cannot be read: ");
    }

    [Fact]
    public async Task A_path_without_master_files_is_refused()
    {
        (await MastersErrorAsync(_folder.FullName))
            .ShouldBe($"--masters: {_folder.FullName} has no master file (*.mst, *.cod, *.mst.zip, *.cod.zip): download "
                + "the broker's and put them there");
        Write("theme_code.mst", "x"u8.ToArray());
        (await MastersErrorAsync(_folder.FullName)).ShouldContain("has no master file, such as kospi_code.mst or kospi_code.mst.zip");
        (await MastersErrorAsync(Path.Combine(_folder.FullName, "none"))).ShouldContain("is neither a folder nor a master file");
        (await Should.ThrowAsync<CommandException>(() => ReadAsync(Masters("none"))))
            .Message.ShouldStartWith("KISFEED_MASTERS: none is neither a folder nor a master file");
    }

    // Returns the path of the packed file of KOSPI.
    private string WriteMasters()
    {
        Write("kosdaq_code.mst", StockMasters.Kosdaq(("058470", "리노공업")));
        Write("idxcode.mst", $"{IndexLine("00001", "종합")}\n{IndexLine("00002", "대형주")}\n", s_korean);
        Write("shimst.cod", "CN\t22\tSHI\t상해지수\t000905\tSHI000905\t상해 종합\tSSE COMPOSITE\t1\n", s_korean);
        Write("theme_code.mst", "not read"u8.ToArray());
        Write("nxt_kospi_code.mst.zip", StockMasters.Packed("nxt_kospi_code.mst", StockMasters.Kospi(("323410", "카카오뱅크"))));
        return Write(
            "kospi_code.mst.zip",
            StockMasters.Packed("kospi_code.mst", [.. StockMasters.Kospi(("005930", "삼성전자"), ("323410", "카카오뱅크")), 0x1a]));
    }

    private static async Task<string> MastersErrorAsync(string path) =>
        (await Should.ThrowAsync<CommandException>(() => ReadAsync("--masters", path))).Message;

    private static string StockLine(string code, string standardCode, string name, int behind) =>
        $"{code,-9}{standardCode}{Padded(name, 40)}{"ST1002700180000".PadRight(behind, 'N')}";

    private static string IndexLine(string code, string name) => $"{code}{Padded(name, 40)}";

    // In bytes; a Korean character has two.
    private static string Padded(string text, int width) => text + new string(' ', width - s_korean.GetByteCount(text));

    private static Dictionary<string, string> Masters(string path) => new(StringComparer.Ordinal) { ["KISFEED_MASTERS"] = path };

    private static Task<IReadOnlyList<Instrument>> ReadAsync(params string[] arguments) =>
        ReadAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    private static Task<IReadOnlyList<Instrument>> ReadAsync(Dictionary<string, string> variables, params string[] arguments)
    {
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = Stream.Null,
            Error = TextWriter.Null,
            Variable = name => variables.GetValueOrDefault(name),
        };
        var masters = new MastersOption();
        var option = new InstrumentsOption(masters);
        return option.ReadAsync(host, new RootCommand { masters, option }.Parse(arguments), CancellationToken.None);
    }

    private async Task<string> ErrorOfAsync(string name, string text)
    {
        var path = Write(name, text, s_korean);
        return (await Should.ThrowAsync<CommandException>(() => ReadAsync("--instruments", path))).Message;
    }

    private string Write(string name, string text, Encoding? encoding = null) =>
        Write(name, (encoding ?? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)).GetBytes(text));

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
