using System.CommandLine;
using KisFeed.Cli.Gateways;
using KisFeed.Gateway;
using KisFeed.Gateway.Instruments;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>The broker's instrument lists, with lines in their layouts.</summary>
public sealed class MasterFileTests : IDisposable
{
    private static readonly Encoding s_korean = CodePagesEncodingProvider.Instance.GetEncoding(949)!;

    private static readonly CommandHost s_host = new() { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-master-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A line of each list, what to search for, and the name and target of the instrument.</summary>
    public static TheoryData<string, string, string, string, string> Lists => new()
    {
        { "kospi_code.mst", Stock("000020", "동화약품", 227), "동화", "동화약품", "trade:000020" },
        { "kosdaq_code.mst", Stock("247540", "에코프로비엠", 221), "에코프로", "에코프로비엠", "book:247540" },
        { "nxt_kospi_code.mst", Stock("323410", "카카오뱅크", 227), "카카오뱅", "카카오뱅크", "trade-nxt:323410" },
        { "nxt_kosdaq_code.mst", Stock("086520", "에코프로", 221), "ㅇㅋㅍㄹ", "에코프로", "book-nxt:086520" },
        { "konex_code.mst", Stock("058970", "엠로", 184), "엠로", "엠로", "trade-krx:058970" },
        { "idxcode.mst", $"00002{Padded("대형주", 40)}", "대형", "대형주", "index-expected:0002" },
        { "elw_code.mst", $"{Padded("57JN53", 9)}KRA5781JN533{Padded("한국JN53삼성전자콜", 40)}{new string('0', 209)}", "삼성전자콜", "한국JN53삼성전자콜",
            "elw:57JN53" },
        { "bond_code.mst", $"F903KR101501DG74{Padded("국민주택1종26-07", 40)}02{new string('2', 48)}", "국민주택", "국민주택1종26-07",
            "bond-book:KR101501DG74" },
        { "fo_idx_code_mts.mst", "3|A06612|KR4A066C0003|코스닥150F 202612| |00000.00|4|3003|KSQ150", "코스닥150", "코스닥150F 202612",
            "futures:A06612" },
        { "fo_idx_code_mts.mst", "L|209EJW525|KR4209EJ5255|위클리C 2512W4 525.0|2|00525.00| |2001|KOSPI200", "위클리", "위클리C 2512W4 525.0",
            "options:209EJW525" },
        { "fo_stk_code_mts.mst", "1|A11612|KR4A116C0000|삼성전자   F 202612 (  10)| |00000.00|1|005930|삼성전자", "삼성전자 F", "삼성전자 F 202612 ( 10)",
            "stock-futures:A11612" },
        { "fo_stk_code_mts.mst", "6|C11612070|KR4C116C0706|삼성전자   P 202612 70,000(  10)|3|70000.00| |005930|삼성전자", "삼성전자 P",
            "삼성전자 P 202612 70,000( 10)", "stock-options-expected:C11612070" },
        { "fo_com_code.mst", $"21{Padded("A75612", 9)}KR4A756C0008{Padded("미국달러 F 202612", 40)} 00000.001USD{Padded("미국달러", 40)}", "미국달러",
            "미국달러 F 202612", "commodity-futures-book:A75612" },
        { "fo_cme_code.mst", Night('B', "A05612", "미니F 202612", "00000.00"), "미니", "미니F 202612", "night-futures-book:A05612" },
        { "fo_cme_code.mst", Night('1', "A01612", "F 202612", "00000.00"), "kospi200f", "KOSPI200 F 202612", "night-futures:A01612" },
        { "fo_eurex_code.mst", Night(
            'M', "309EJW525", "위클리P 2512W4 525.0", "00525.00"), "위클리P", "위클리P 2512W4 525.0", "night-options-expected:309EJW525" },
        { "fo_eurex_code.mst", Night(
            '5', "B01610745", "C 202610   745.0", "00745.00"), "KOSPI200C", "KOSPI200 C 202610 745.0", "night-options:B01610745" },
        { "nasmst.cod", Overseas("US", "NAS", "나스닥", "AAPL", "애플", "APPLE INC"), "애플", "애플", "us:DNASAAPL" },
        { "nysmst.cod", Overseas(
            "US", "NYS", "뉴욕", "BRK/B", "버크셔 해서웨이 B", "BERKSHIRE HATHAWAY INC"), "버크셔", "버크셔 해서웨이 B", "us-book:DNYSBRK/B" },
        { "amsmst.cod", Overseas("US", "AMS", "아멕스", "IMO", "임페리얼 오일", "IMPERIAL OIL"), "임페리얼", "임페리얼 오일", "us:DAMSIMO" },
        { "shsmst.cod", Overseas("CN", "SHS", "상해", "600519", "귀주모태주", "KWEICHOW MOUTAI"), "귀주", "귀주모태주", "asia-quote:DSHS600519" },
        { "szsmst.cod", Overseas("CN", "SZS", "심천", "300750", "닝더스다이", "CATL"), "닝더", "닝더스다이", "asia-quote:DSZS300750" },
        { "tsemst.cod", Overseas("JP", "TSE", "도쿄", "7203", "토요타 자동차", "TOYOTA MOTOR"), "토요타", "토요타 자동차", "us:DTSE7203" },
        { "hksmst.cod", Overseas("HK", "HKS", "홍콩", "00700", "텐센트 홀딩스", "TENCENT"), "ㅌㅅㅌ", "텐센트 홀딩스", "asia-quote:DHKS00700" },
        { "hnxmst.cod", Overseas("VN", "HNX", "하노이", "SHS", "사이공 하노이 증권", "SAIGON HANOI SECURITIES"), "사이공", "사이공 하노이 증권", "us:DHNXSHS" },
        { "hsxmst.cod", Overseas("VN", "HSX", "호치민", "VNM", "비나밀크", "VINAMILK"), "비나", "비나밀크", "us:DHSXVNM" },
        { "ffcode.mst", OverseasDerivative("GCQ26", "금 2026.08"), "금 2026", "금 2026.08", "overseas-futures:GCQ26" },
        { "focode.mst", OverseasDerivative(
            "OESZ26C7000", "미니 S&P500 2612 C7000"), "미니 S&P500", "미니 S&P500 2612 C7000", "overseas-futures-book:OESZ26C7000" },
        { "fostkcode.mst", OverseasDerivative("AAPL261218C300", "애플 2612 C300"), "애플", "애플 2612 C300", "overseas-futures:AAPL261218C300" },
    };

    public static TheoryData<string> Names => [.. MasterFile.Names];

    private static IEnumerable<(string File, string Line)> Lines =>
    [
        .. Lists.Select(row => (row.Data.Item1, row.Data.Item2)),
        ("shimst.cod", Overseas("CN", "SHI", "상해지수", "000905", "상해 종합", "SSE COMPOSITE")),
        ("szimst.cod", Overseas("CN", "SZI", "심천지수", "399001", "심천 성분", "SZSE COMPONENT")),
    ];

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task An_instrument_is_found_by_its_Korean_name_and_is_a_key_of_its_feeds(
        string file, string line, string text, string name, string target)
    {
        var all = await ReadTextAsync(file, line + "\r\n");
        var (feed, key) = (FeedNames.Find(KisFeeds.Catalog, target.Split(':')[0]), target.Split(':')[1]);

        var found = new InstrumentSearch(all).Find(text).First(match => match.IsOf(feed));
        var notices = new List<string>();
        var resolved = new KeyResolver(all, notices.Add).Resolve(feed, name);

        (found.Code, found.Name).ShouldBe((key, name));
        resolved.ShouldBe(key);
        notices.ShouldBe([$"kisfeed: {name} is {key}"]);
    }

    [Fact]
    public void Every_list_is_tested() =>
        Lines.Select(line => line.File).ToHashSet(StringComparer.Ordinal).ShouldBe(MasterFile.Names, ignoreOrder: true);

    [Fact]
    public async Task Stocks_of_other_countries_have_English_names_and_are_found_by_their_symbols()
    {
        var all = await ReadTextAsync("NASMST.COD", $"{Overseas("US", "NAS", "나스닥", "AAPL", "애플", "APPLE INC")}\n"
            + $"{Overseas("US", "NAS", "나스닥", "AADR", "", "ADVISORSHARES DORSEY WRIGHT ADR")}\n");

        all.ShouldContain(new Instrument(InstrumentKind.OverseasStock, "DNASAAPL", "애플", "APPLE INC"));
        all.ShouldContain(
            new Instrument(InstrumentKind.OverseasStock, "DNASAADR", "ADVISORSHARES DORSEY WRIGHT ADR"), "the Korean name is missing");
        new InstrumentSearch(all).Find("aapl")[0].Code.ShouldBe("DNASAAPL");
    }

    [Fact]
    public async Task A_symbol_is_the_key_of_its_own_exchange_unless_several_exchanges_have_it()
    {
        var nyse = await PathOfAsync("nysmst.cod", Overseas("US", "NYS", "뉴욕", "KO", "코카콜라", "COCA-COLA"));
        var shanghai = await PathOfAsync("shsmst.cod", Overseas("CN", "SHS", "상해", "000001", "상해 A", "SHANGHAI A"));
        var shenzhen = await PathOfAsync("szsmst.cod", Overseas("CN", "SZS", "심천", "000001", "평안은행", "PING AN BANK"));
        var notices = new List<string>();
        var keys = new KeyResolver(await ReadAsync(nyse, shanghai, shenzhen), notices.Add);

        keys.Resolve(OverseasTrade.Feed.Schema, "ko").ShouldBe("DNYSKO");
        keys.Resolve(OverseasTrade.Feed.Schema, "aapl").ShouldBe("DNASAAPL", "no file has it");
        keys.Resolve(OverseasTrade.Feed.Schema, "000001").ShouldBe("000001");
        notices[^1].ShouldContain("Did you mean us:DSHS000001 (상해 A), us:DSZS000001 (평안은행)?");
    }

    [Fact]
    public async Task The_same_contract_has_other_feeds_by_night()
    {
        var day = await PathOfAsync("fo_idx_code_mts.mst", "1|A01712|KR4A017C0003|F 202712| |00000.00|6|2001|KOSPI200");
        var night = await PathOfAsync("fo_cme_code.mst", Night('1', "A01712", "F 202712", "00000.00"));

        var found = new InstrumentSearch(await ReadAsync(day, night)).Find("A01712");

        found.Select(match => (match.Kind, match.Name))
            .ShouldBe([(InstrumentKind.Future, "KOSPI200 F 202712"), (InstrumentKind.NightFuture, "KOSPI200 F 202712")]);
        found.Select(match => match.Feeds.First().Alias).ShouldBe(["futures", "night-futures"]);
    }

    [Fact]
    public async Task Codes_that_cannot_be_keys_are_skipped()
    {
        var contracts = await ReadTextAsync(
            "ffcode.mst", $"{OverseasDerivative("GCM26-Q26", "금 2606-2608")}\n{OverseasDerivative("GCM26", "금 2026.06")}");
        contracts.Where(i => i.Kind == InstrumentKind.OverseasFuture).Select(i => i.Code).ShouldBe(["GCM26"]);

        var commodities = await ReadTextAsync("fo_com_code.mst", $"{LineOf("fo_com_code.mst")}\n"
            + $"25{Padded("B75612130", 9)}KR4B756C1303{Padded("미국달러 C 202612 1300.0", 40)}{new string(' ', 53)}");
        commodities.Where(i => i.Kind == InstrumentKind.CommodityFuture).Select(i => i.Code).ShouldBe(["A75612"]);
        commodities.ShouldNotContain(i => i.Code == "B75612130");
    }

    [Theory]
    [InlineData("shimst.cod")]
    [InlineData("szimst.cod")]
    public async Task A_list_without_keys_is_refused(string file) =>
        (await ErrorOfAsync(file, Encode(LineOf(file))))
            .ShouldEndWith($"{file}: no feed has an instrument of this file. Leave the file out");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_line_that_is_too_short_is_reported(string file) =>
        (await ErrorOfAsync(file, Encode($"{LineOf(file)}\n\nA\n")))
            .ShouldEndWith($"{file}, line 3: the line is too short for {file}: use the file as the broker publishes it");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_file_in_another_encoding_is_reported(string file)
    {
        var line = LineOf(file);
        var inUtf8 = Encoding.UTF8.GetBytes($"ASCII\n{line}\n{line}");
        byte[] damaged = [.. Encode(line)];
        for (var at = 0; at < damaged.Length; at++)
        {
            if (!char.IsAscii((char)damaged[at]))
                (damaged[at], damaged[++at]) = (0x81, (byte)' '); // The first byte of a letter without its second.
        }

        (await ErrorOfAsync(file, inUtf8))
            .ShouldEndWith($"{file}, line 2: the text is in UTF-8 instead of code page 949: use the file as the broker publishes it");
        (await ErrorOfAsync(file, damaged)).ShouldContain($"{file}, line 1: the name at its position in {file} is not in code page 949");
    }

    [Theory]
    [InlineData("nasmst.cod", "US\t22\tNAS\t나스닥\tAAPL\t\t애플\tAPPLE INC\t2")]
    [InlineData("nasmst.cod", "US\t22\tNAS\t나스닥\tAAPL\tNASAAPL\t\t \t2")]
    [InlineData("fo_idx_code_mts.mst", "1||KR4A016C0003|F 202612| |00000.00|6|2001|KOSPI200")]
    public async Task A_missing_code_or_name_is_reported(string file, string line) =>
        (await ErrorOfAsync(file, Encode(line)))
            .ShouldContain($"{file}, line 1: the code or the name is missing at its position in {file}");

    private static string LineOf(string file) => Lines.First(line => line.File == file).Line;

    private static string Stock(string code, string name, int behind) =>
        $"{code,-9}KR7000000000{Padded(name, 40)}{"ST1002700180000".PadRight(behind, 'N')}";

    private static string Night(char type, string code, string name, string strike) =>
        $"{type}{code,-9}KR4A016C0003{Padded(name, 40)} {strike}1{"2001",-9}{Padded("KOSPI200", 40)}";

    private static string Overseas(string country, string exchange, string exchangeName, string symbol, string name, string englishName) =>
        $"{country}\t22\t{exchange}\t{exchangeName}\t{symbol}\t{exchange}{symbol}\t{name}\t{englishName}\t2\tUSD\t4\t\t201."
        + "3600\t1\t1\t930\t1600\tN\t\t730\t0\t0\t   \t   ";

    private static string OverseasDerivative(string code, string name) =>
        $"{code,-32}YYY{new string(' ', 47)}{Padded(name, 50)}{"CME",-10}{"GC",-10}006";

    // In bytes; a Korean character has two.
    private static string Padded(string text, int width) => text + new string(' ', width - s_korean.GetByteCount(text));

    private static byte[] Encode(string text) => s_korean.GetBytes(text);

    private static Task<IReadOnlyList<Instrument>> ReadAsync(params string[] paths)
    {
        var option = new InstrumentsOption(new MastersOption());
        string[] arguments = [.. paths.SelectMany(path => (string[])["--instruments", path])];
        return option.ReadAsync(s_host, new RootCommand { option }.Parse(arguments), CancellationToken.None);
    }

    private async Task<IReadOnlyList<Instrument>> ReadTextAsync(string file, string text) => await ReadAsync(await PathOfAsync(file, text));

    private async Task<string> ErrorOfAsync(string file, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, file);
        await File.WriteAllBytesAsync(path, content);
        return (await Should.ThrowAsync<CommandException>(() => ReadAsync(path))).Message;
    }

    private async Task<string> PathOfAsync(string file, string text)
    {
        var path = Path.Combine(_folder.FullName, file);
        await File.WriteAllBytesAsync(path, Encode(text));
        return path;
    }
}
