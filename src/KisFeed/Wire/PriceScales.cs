using System.Buffers.Text;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace KisFeed.Wire;

/// <summary>
/// The decimal places of the prices of overseas futures and options, which the broker sends as whole numbers: 19225 of GCZ26, with one
/// decimal place, is 1922.5. They are in the broker's master files (종목 마스터파일) <c>ffcode.mst</c> for futures, <c>focode.mst</c> for options
/// and <c>fostkcode.mst</c> for options on stocks, as 계산 소수점 (<c>sCalcDesz</c>): -1 there is one decimal place.
/// </summary>
/// <example>
/// <code>
/// var options = new KisFeedOptions { AppKey = appKey, AppSecret = appSecret, PriceScales = PriceScales.Load("masters") };
/// </code>
/// </example>
public sealed class PriceScales
{
    /// <summary>The most decimal places that a row may state.</summary>
    public const int MaxPlaces = 12;

    private const int MaxCodeLength = 32;

    private static readonly string[] s_names = ["ffcode.mst", "focode.mst", "fostkcode.mst"];

    private readonly FrozenDictionary<string, int> _contracts;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byContract;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byProduct;

    private PriceScales(Dictionary<string, int> contracts, Dictionary<string, int> products, IReadOnlyList<string> problems)
    {
        _contracts = contracts.ToFrozenDictionary(StringComparer.Ordinal);
        _byContract = _contracts.GetAlternateLookup<ReadOnlySpan<char>>();
        _byProduct = products.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        Problems = problems;
    }

    /// <summary>The number of contracts whose decimal places are known.</summary>
    public int Count => _contracts.Count;

    /// <summary>The rows that could not be read, one sentence each. The prices of their contracts are not scaled.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Reads a master file, or those in a folder.</summary>
    /// <param name="path">
    /// One of the three files under the broker's name for it, packed (<c>ffcode.mst.zip</c>) or not, or a folder with at least one of them.
    /// </param>
    /// <exception cref="PriceScalesException">
    /// There is no such file, or it is not what its name says. The message says what to do.
    /// </exception>
    public static PriceScales Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var rows = new Rows();
            foreach (var source in FilesAt(path))
                rows.Add(source.Path, source.Name, Read(source));
            return rows.Build();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PriceScalesException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a master file has decimal places.</summary>
    internal static bool AreIn(MasterSource source) => s_names.Contains(source.Name, StringComparer.Ordinal);

    /// <summary>Reads the content of a master file: lines in code page 949, as the broker publishes them.</summary>
    /// <param name="name">The name of the file, for messages.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="PriceScalesException">No row can be read.</exception>
    public static PriceScales Parse(string name, ReadOnlySpan<byte> content)
    {
        var rows = new Rows();
        rows.Add(name, Path.GetFileName(name).ToLowerInvariant(), content);
        return rows.Build();
    }

    /// <summary>
    /// The number of decimal places of a contract's prices: that of its row; for a contract that is no longer, or not yet, listed, that of
    /// its product if all of the product's contracts have the same. <see langword="null"/> if it is not known.
    /// </summary>
    /// <param name="code">The code of the contract, e.g. <c>GCZ26</c> or <c>OESU26 C5500</c>.</param>
    public int? PlacesOf(ReadOnlySpan<char> code)
    {
        if (_byContract.TryGetValue(code, out var places))
            return places;
        var product = ProductOf(code);
        return !product.IsEmpty && _byProduct.TryGetValue(product, out places) ? places : null;
    }

    /// <summary>Like <see cref="PlacesOf(ReadOnlySpan{char})"/>, for a field of a record.</summary>
    internal int? PlacesOf(ReadOnlySpan<byte> code)
    {
        Span<char> text = stackalloc char[MaxCodeLength];
        return code.Length <= MaxCodeLength && Encoding.ASCII.TryGetChars(code, text, out var length) ? PlacesOf(text[..length]) : null;
    }

    // The product of a contract is what precedes the month, a letter, and the year, two digits: GC of GCZ26, OES of OESU26 C5500.
    private static ReadOnlySpan<char> ProductOf(ReadOnlySpan<char> code)
    {
        var series = code.IndexOf(' ') is >= 0 and var blank ? code[..blank] : code;
        var hasMonthAndYear = series.Length > 3
            && char.IsAsciiDigit(series[^1])
            && char.IsAsciiDigit(series[^2])
            && "FGHJKMNQUVXZ".Contains(series[^3], StringComparison.Ordinal);
        return hasMonthAndYear ? series[..^3] : default;
    }

    private static MasterSource[] FilesAt(string path)
    {
        MasterSource[] files = [.. MasterSource.Find(path).Where(AreIn)];
        if (files.Length > 0)
            return files;
        var names = string.Join(", ", s_names);
        throw new PriceScalesException(Directory.Exists(path)
            ? $"{path} has none of {names}: download the broker's master files and put them there"
            : $"{path} is neither a folder nor one of {names}: use the broker's master files under their own names");
    }

    private static byte[] Read(MasterSource source)
    {
        try
        {
            return source.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new PriceScalesException($"{source.Path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Collects the rows of several files.</summary>
    private sealed class Rows
    {
        private const int Contradictory = -1;

        // The positions that the three files have in common, in bytes, as the broker's headers (.h) give them. Its sample (.py) counts from
        // the end of the decoded row instead, which is the same for rows of the whole length. Of another row, whichever position has a
        // number counts.
        private const int PlacesEnd = 165;
        private const int PlacesLength = 5;
        private const int ProductEnd = 152;
        private const int ProductLength = 10;
        private const int FutureLength = 223;
        private const int OptionLength = 344;

        private readonly Dictionary<string, int> _contracts = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _products = new(StringComparer.Ordinal);
        private readonly List<string> _problems = [];

        public void Add(string path, string name, ReadOnlySpan<byte> content)
        {
            var before = _contracts.Count;
            var number = 0;
            var first = _problems.Count;
            var whole = name == s_names[0] ? FutureLength : OptionLength;
            foreach (var range in content.Split((byte)'\n'))
            {
                number++;
                var row = content[range].TrimEnd("\r\x1a\0"u8);
                if (row.IndexOfAnyExcept((byte)' ') >= 0 && Read(row, whole) is { } problem)
                    _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}: {problem}"));
            }

            if (_contracts.Count > before)
                return;
            throw new PriceScalesException(first < _problems.Count
                ? $"{_problems[first]}; no other row of the file can be read: use the file as the broker publishes it"
                : $"{path} is empty");
        }

        public PriceScales Build() => new(_contracts, _products.Where(product => product.Value != Contradictory).ToDictionary(), _problems);

        // Returns what is wrong with the row.
        private string? Read(ReadOnlySpan<byte> row, int whole)
        {
            if (row.Length < PlacesEnd)
                return $"the row has {row.Length} bytes instead of {whole}";
            if (TextOf(row[..MaxCodeLength]) is not { Length: > 0 } code)
                return "the code of the contract (sSrsCd) is not ASCII text";
            var shift = 0;
            if (!TryReadPlaces(row, shift, out var places))
            {
                shift = row.Length - whole;
                if (!TryReadPlaces(row, shift, out places))
                {
                    var field = PrintableText.Clean(Encoding.Latin1.GetString(PlacesIn(row, 0)));
                    return $"the decimal places (sCalcDesz) of {code} are \"{field}\" instead of 0 to -{MaxPlaces}";
                }
            }

            _contracts[code] = places;
            if (TextOf(row.Slice(ProductEnd + shift - ProductLength, ProductLength)) is { Length: > 0 } product)
                _products[product] = _products.TryGetValue(product, out var known) && known != places ? Contradictory : places;
            return null;
        }

        private static bool TryReadPlaces(ReadOnlySpan<byte> row, int shift, out int places)
        {
            places = 0;
            if (PlacesEnd + shift is var end && (end > row.Length || end < ProductEnd))
                return false;
            var field = PlacesIn(row, shift);
            if (!Utf8Parser.TryParse(field, out int power, out var length) || length != field.Length || power is > 0 or < -MaxPlaces)
                return false;
            places = -power;
            return true;
        }

        private static ReadOnlySpan<byte> PlacesIn(ReadOnlySpan<byte> row, int shift) =>
            row.Slice(PlacesEnd + shift - PlacesLength, PlacesLength).Trim((byte)' ');

        private static string? TextOf(ReadOnlySpan<byte> field)
        {
            var text = field.Trim((byte)' ');
            return text.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null : Encoding.ASCII.GetString(text);
        }
    }
}

/// <summary>Master files with decimal places cannot be used. The message says what is wrong, where, and what to do.</summary>
public sealed class PriceScalesException(string message, Exception? innerException = null) : Exception(message, innerException);
