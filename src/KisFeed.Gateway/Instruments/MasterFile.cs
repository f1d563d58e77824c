using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using KisFeed.Wire;

namespace KisFeed.Gateway.Instruments;

/// <summary>
/// One of the master files (종목 마스터파일) that the broker publishes, in code page 949: the instruments of a market. The layouts are those of
/// <c>stocks_info</c> in koreainvestment/open-trading-api. Codes that cannot be a key of a feed are skipped.
/// </summary>
internal sealed class MasterFile
{
    private const int CodePage = 949;
    private const byte FirstOfThreeBytes = 0xE0; // The first byte of every Korean letter in UTF-8 is at least this.
    private const string Advice = "use the file as the broker publishes it";

    // Blanks, and what DOS programs put at the end of a file.
    private static ReadOnlySpan<byte> Padding => " \x1a\0"u8;

    private static readonly Encoding s_korean =
        CodePagesEncodingProvider.Instance.GetEncoding(CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    private static readonly MasterLayout s_overseasStock = new SeparatedLayout('\t', code: 5, name: 6, englishName: 7);
    private static readonly MasterLayout s_derivative = new SeparatedLayout('|', code: 1, name: 3, underlying: 8);
    private static readonly MasterLayout s_nightDerivative = new FixedLayout(1..10, 22..62, underlying: 81..);
    private static readonly MasterLayout s_overseasDerivative = new FixedLayout(..32, 82..132);

    // The published headers (.h) give most widths; the published samples (.py) slice decoded text, so that each Korean letter before a
    // position moves it by one. Where they contradict each other, the headers count:
    // - The width of a name (SZ_KORNAME), which the headers do not give, is 40 bytes: 121 bytes is the width of lines of fo_eurex_code.mst.
    //   The samples have 29 characters in elw_code.mst, 32 in fo_com_code.mst, 37 in fo_eurex_code.mst and 41 in fo_cme_code.mst, which fit
    //   some names only. For stocks, both agree on the width of what follows the name.
    // - bond_code.mst: the sample finds the end of the name 26 bytes before the end of the line, but the header has 24 more bytes there.
    // - Of the files of NXT there is neither header nor sample. Programs that read them use the layouts of KRX.
    // - The .cod files have no line with column names: the sample loses the first instrument. Their key is D
    //   and the real-time symbol, NASAAPL.
    private static readonly ImmutableArray<MasterFile> s_all =
    [
        new("kospi_code.mst", _ => InstrumentKind.Stock, new FixedLayout(..9, 21..^227)),
        new("kosdaq_code.mst", _ => InstrumentKind.Stock, new FixedLayout(..9, 21..^221)),
        new("konex_code.mst", _ => InstrumentKind.Stock, new FixedLayout(..9, 21..^184)),
        new("nxt_kospi_code.mst", _ => InstrumentKind.Stock, new FixedLayout(..9, 21..^227)),
        new("nxt_kosdaq_code.mst", _ => InstrumentKind.Stock, new FixedLayout(..9, 21..^221)),
        new("idxcode.mst", _ => InstrumentKind.Index, new FixedLayout(1..5, 5..)),
        new("elw_code.mst", _ => InstrumentKind.Elw, new FixedLayout(..9, 21..61)),
        new("bond_code.mst", _ => InstrumentKind.Bond, new FixedLayout(4..16, 16..56)),
        new("fo_idx_code_mts.mst", code => IsOption(code) ? InstrumentKind.Option : InstrumentKind.Future, s_derivative),
        new("fo_stk_code_mts.mst", code => IsOption(code) ? InstrumentKind.StockOption : InstrumentKind.StockFuture, s_derivative),
        // No feed has the options.
        new("fo_com_code.mst", code => IsOption(code) ? null : InstrumentKind.CommodityFuture, new FixedLayout(2..11, 23..63)),
        new("fo_cme_code.mst", code => IsOption(code) ? InstrumentKind.NightOption : InstrumentKind.NightFuture, s_nightDerivative),
        new("fo_eurex_code.mst", code => IsOption(code) ? InstrumentKind.NightOption : InstrumentKind.NightFuture, s_nightDerivative),
        .. ((string[])["nas", "nys", "ams", "shs", "shi", "szs", "szi", "tse", "hks", "hnx", "hsx"])
            .Select(exchange => new MasterFile($"{exchange}mst.cod", _ => InstrumentKind.OverseasStock, s_overseasStock, keyPrefix: "D")),
        new("ffcode.mst", _ => InstrumentKind.OverseasFuture, s_overseasDerivative),
        new("focode.mst", _ => InstrumentKind.OverseasOption, s_overseasDerivative),
        new("fostkcode.mst", _ => InstrumentKind.OverseasOption, s_overseasDerivative),
    ];

    private readonly string _name;
    private readonly Func<string, InstrumentKind?> _kindOf;
    private readonly MasterLayout _layout;
    private readonly string _keyPrefix;

    private MasterFile(string name, Func<string, InstrumentKind?> kindOf, MasterLayout layout, string keyPrefix = "")
    {
        _name = name;
        _kindOf = kindOf;
        _layout = layout;
        _keyPrefix = keyPrefix;
    }

    public static IEnumerable<string> Names => s_all.Select(file => file._name);

    /// <summary>Finds the layout of a file by its name; <see langword="null"/> if none is known.</summary>
    public static MasterFile? Find(MasterSource source) => s_all.FirstOrDefault(file => file._name == source.Name);

    /// <summary>Finds the files in a folder whose layouts are known, the most used first.</summary>
    /// <exception cref="KisFeedConfigurationException">The folder cannot be read, or has none.</exception>
    public static IReadOnlyList<(MasterFile Master, MasterSource Source)> FindAll(string folder)
    {
        try
        {
            var sources = MasterSource.Find(folder).ToDictionary(source => source.Name, StringComparer.Ordinal);
            (MasterFile, MasterSource)[] found =
                [.. s_all.Where(file => sources.ContainsKey(file._name)).Select(file => (file, sources[file._name]))];
            return found.Length > 0 ? found : throw new KisFeedConfigurationException(
                $"{folder} has no master file, such as {s_all[0]._name} or {s_all[0]._name}.zip: download the broker's and put them there");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{folder} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="KisFeedConfigurationException">It cannot be read, or its content is not valid.</exception>
    public MasterContent Read(MasterSource source)
    {
        var content = ContentOf(source);
        RefuseUtf8(source.Path, content);
        var number = 0;
        var read = 0;
        var instruments = new List<Instrument>();
        foreach (var line in FileLines.Of(content))
        {
            number++;
            if (line.Span.IndexOfAnyExcept(Padding) < 0)
                continue;
            read++;
            if (Parse(line.Span, source.Path, number) is { HasKey: true } instrument)
                instruments.Add(instrument);
        }

        return read > 0
            ? new MasterContent(instruments, read - instruments.Count)
            : throw new KisFeedConfigurationException($"{source.Path} is empty");
    }

    private static byte[] ContentOf(MasterSource source)
    {
        try
        {
            return source.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new KisFeedConfigurationException($"{source.Path} cannot be read: {e.Message}", e);
        }
    }

    // The first character of a short code: 1 and A are futures, 2 and B calls, 3 and C puts, 4 and D spreads of futures.
    private static bool IsOption(string code) => code[0] is '2' or '3' or 'B' or 'C';

    // Options and futures on KOSPI 200 are named without their underlying: "F 202612", "C 202612 850.0".
    private static bool IsUnqualified(string name) => name.Split(' ')[0] is "F" or "SP" or "C" or "P";

    // A file converted to UTF-8 can still be decoded here, but has other names, at other positions.
    private static void RefuseUtf8(string path, ReadOnlySpan<byte> content)
    {
        var at = content.IndexOfAnyInRange(FirstOfThreeBytes, byte.MaxValue);
        if (at >= 0 && Utf8.IsValid(content))
            throw Bad(path, 1 + content[..at].Count((byte)'\n'), $"the text is in UTF-8 instead of code page {CodePage}: {Advice}");
    }

    private static KisFeedConfigurationException Bad(string path, int number, string problem, Exception? cause = null) =>
        new($"{path}, line {number}: {problem}", cause);

    private Instrument? Parse(ReadOnlySpan<byte> line, string path, int number)
    {
        if (!_layout.TryRead(line, out var fields))
            throw Bad(path, number, $"the line is too short for {_name}: {Advice}");
        try
        {
            var code = TextOf(fields.Code);
            var name = TextOf(fields.Name);
            var englishName = TextOf(fields.EnglishName);
            if (name.Length == 0)
                (name, englishName) = (englishName, "");
            if (code.Length == 0 || name.Length == 0)
                throw Bad(path, number, $"the code or the name is missing at its position in {_name}: {Advice}");
            if (_kindOf(code) is not { } kind)
                return null;
            var underlying = TextOf(fields.Underlying);
            return new Instrument(
                kind,
                _keyPrefix + code,
                underlying.Length > 0 && IsUnqualified(name) ? $"{underlying} {name}" : name,
                englishName.Length > 0 ? englishName : null);
        }
        catch (DecoderFallbackException e)
        {
            throw Bad(path, number, $"the name at its position in {_name} is not in code page {CodePage}: {Advice}", e);
        }
    }

    // Names have blanks to align them with others.
    private static string TextOf(ReadOnlySpan<byte> field) =>
        string.Join(' ', s_korean.GetString(field).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

/// <summary>What a master file has.</summary>
/// <param name="Instruments">The instruments that feeds have.</param>
/// <param name="Skipped">The number of lines with others.</param>
internal sealed record MasterContent(List<Instrument> Instruments, int Skipped);
