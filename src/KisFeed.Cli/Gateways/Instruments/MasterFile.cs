using System.Collections.Immutable;
using System.Text;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways.Instruments;

/// <summary>
/// One of the lists of instruments that the broker publishes: lines of fields at fixed places, counted in bytes of code page 949. Laid out as <c>stocks_info</c> in koreainvestment/open-trading-api
/// describes them; what cannot be a key of a feed, such as the seven characters of an ETN, is passed over.
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

    // How wide names of stocks are nobody says; what is behind them is.
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

    /// <summary>What they are called.</summary>
    public static IEnumerable<string> Names => s_all.Select(file => file._name);

    /// <summary>The list that a file is by its name; <see langword="null"/> where it is none.</summary>
    public static MasterFile? Find(string path) => s_all.FirstOrDefault(file => file._name.Equals(Path.GetFileName(path), StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a file.</summary>
    /// <param name="path">What errors call it.</param>
    /// <param name="content">What is in it.</param>
    /// <exception cref="CommandException">It is not of the form.</exception>
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
            throw new CommandException($"--instruments: {path}, line {number}: the line is too short for one of {_name}");
        try
        {
            var code = s_korean.GetString(line[_code]).Trim();
            var name = s_korean.GetString(line[_nameAt..nameEnd]).Trim();
            return code.Length > 0 && name.Length > 0
                ? new Instrument(_kind, code, name)
                : throw new CommandException($"--instruments: {path}, line {number}: there is no code, or no name, where {_name} has them");
        }
        catch (DecoderFallbackException e)
        {
            throw new CommandException($"--instruments: {path}, line {number}: what stands where {_name} has the name is not in code page {CodePage}", e);
        }
    }
}
