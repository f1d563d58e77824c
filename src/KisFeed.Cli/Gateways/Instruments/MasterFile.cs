using System.Collections.Immutable;
using System.Text;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways.Instruments;

/// <summary>
/// One of the instrument lists that the broker publishes: lines with fields at fixed positions, counted in bytes of code page 949. The layouts are those of
/// <c>stocks_info</c> in koreainvestment/open-trading-api. Codes that cannot be a key of a feed are skipped.
/// </summary>
internal sealed class MasterFile
{
    private const int CodePage = 949;
    private const int StockCodeLength = 9;
    private const int StockNameAt = 21; // Behind the standard code.
    private const int IndexMarketLength = 1;
    private const int IndexCodeLength = 4;

    private static readonly Encoding s_korean =
        CodePagesEncodingProvider.Instance.GetEncoding(CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    // The width of stock names is not documented; the width of the fields behind them is.
    private static readonly ImmutableArray<MasterFile> s_all =
    [
        new("kospi_code.mst", InstrumentKind.Stock, 0..StockCodeLength, StockNameAt, widthBehind: 227),
        new("kosdaq_code.mst", InstrumentKind.Stock, 0..StockCodeLength, StockNameAt, widthBehind: 221),
        new("idxcode.mst", InstrumentKind.Index, IndexMarketLength..(IndexMarketLength + IndexCodeLength), IndexMarketLength + IndexCodeLength, widthBehind: 0),
    ];

    private readonly string _name;
    private readonly InstrumentKind _kind;
    private readonly Range _code;
    private readonly int _nameAt;
    private readonly int _widthBehind;

    private MasterFile(string name, InstrumentKind kind, Range code, int nameAt, int widthBehind)
    {
        _name = name;
        _kind = kind;
        _code = code;
        _nameAt = nameAt;
        _widthBehind = widthBehind;
    }

    /// <summary>The file names of all lists.</summary>
    public static IEnumerable<string> Names => s_all.Select(file => file._name);

    /// <summary>Finds the list by the name of the file; <see langword="null"/> if it is not one.</summary>
    public static MasterFile? Find(string path) => s_all.FirstOrDefault(file => file._name.Equals(Path.GetFileName(path), StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path, for error messages.</param>
    /// <param name="content">The content of the file.</param>
    /// <exception cref="CommandException">The content is not valid.</exception>
    public IEnumerable<Instrument> Read(string path, byte[] content)
    {
        var number = 0;
        var hasAny = false;
        foreach (var line in FileLines.Of(content))
        {
            number++;
            if (line.IsEmpty)
                continue;
            hasAny = true;
            var instrument = Parse(line.Span, path, number);
            if (instrument.HasKey)
                yield return instrument;
        }

        if (!hasAny)
            throw new CommandException($"--instruments: {path} is empty");
    }

    private Instrument Parse(ReadOnlySpan<byte> line, string path, int number)
    {
        var nameEnd = line.Length - _widthBehind;
        if (nameEnd <= _nameAt)
            throw new CommandException($"--instruments: {path}, line {number}: the line is too short for {_name}");
        try
        {
            var code = s_korean.GetString(line[_code]).Trim();
            var name = s_korean.GetString(line[_nameAt..nameEnd]).Trim();
            return code.Length > 0 && name.Length > 0
                ? new Instrument(_kind, code, name)
                : throw new CommandException($"--instruments: {path}, line {number}: the code or the name is missing at its position in {_name}");
        }
        catch (DecoderFallbackException e)
        {
            throw new CommandException($"--instruments: {path}, line {number}: the name at its position in {_name} is not in code page {CodePage}", e);
        }
    }
}
