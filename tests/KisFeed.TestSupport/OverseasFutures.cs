namespace KisFeed.TestSupport;

/// <summary>Rows of the broker's master files of overseas futures and options, and frames of their feeds.</summary>
internal static class OverseasFutures
{
    /// <summary>A fall of gold by 5.0 to 1922.5, as the broker sends it: without decimal points and minuses.</summary>
    public const string GoldTrade =
        "0|HDFFF020|001|GCZ26^20261120^20261119^070000^20261120^060000^19275^20261120^213005^1^19225^3^50^0.26^19300^19310.5^19200^"
        + "120345^5^2^1234^19270^5^45^0.23";

    private static readonly System.Text.Encoding s_korean = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(949)!;

    /// <summary>A book of gold whose levels are 0.1 apart, around 1922.5.</summary>
    public static string GoldBook { get; } = "0|HDFFF010|001|GCZ26^20261120^213005^19275^"
        + $"{string.Join('^', Enumerable.Range(0, 5).Select(i => $"{i + 1}^1^{19225 - i}^{i + 2}^1^{19226 + i}"))}^19270";

    /// <summary>A row of <c>ffcode.mst</c>, with its line end.</summary>
    /// <param name="code">The code of the contract.</param>
    /// <param name="name">The Korean name.</param>
    /// <param name="product">The code of the product.</param>
    /// <param name="places">The field with the decimal places (sCalcDesz).</param>
    public static byte[] FutureRow(string code, string name, string product, string places) =>
        [
            .. Beginning(code, name, product, places),
            .. Fields(("0.1", 14), ("10", 14), ("100", 10), ("10", 4), ("100", 10), ("0", 1), ("0", 1), ("N", 1), ("N", 1), ("53", 2)),
            .. "\n"u8,
        ];

    /// <summary>A row of <c>focode.mst</c>, with its line end.</summary>
    public static byte[] OptionRow(string code, string name, string product, string places) =>
        [
            .. Beginning(code, name, product, places),
            .. Fields(
                ("0.05", 14), ("2.5", 14), ("50", 10), ("10", 4), ("50", 10), ("C", 1), ("5500", 20), ("ES", 10), ("ESU26", 32), ("", 32),
                ("0", 19), ("1", 5), ("202609", 6), ("O", 1), ("0", 1)),
            .. "\n"u8,
        ];

    /// <summary>The futures of the broker's examples, 6A and GC, and others.</summary>
    public static byte[] Futures() =>
    [
        .. FutureRow("6AZ26", "호주 달러-202612", "6A", "-4"),
        .. FutureRow("GCZ26", "Gold-202612", "GC", "-1"),
        .. FutureRow("GCM26-Q26", "Gold-2606-2608", "GCGC", "-1"),
        .. FutureRow("BTCZ26", "Bitcoin Futures-202612", "BTC", "0"),
        .. FutureRow("XXM26", "하나", "XX", "-1"),
        .. FutureRow("XXZ26", "둘", "XX", "-2"),
    ];

    /// <summary>A row whose name is padded to fifty characters instead of bytes, so that what follows moves.</summary>
    public static byte[] MovedRow()
    {
        var row = FutureRow("CLZ26", "", "CL", "-2");
        return [.. row[..82], .. s_korean.GetBytes("원유 선물".PadRight(50)), .. row[132..]];
    }

    private static byte[] Beginning(string code, string name, string product, string places) =>
        Fields(
            (code, 32), ("Y", 1), ("Y", 1), ("Y", 1), ("N", 47), (name, 50), ("CME", 10), (product, 10), ("006", 3), ("1", 5),
            (places.PadLeft(5), 5));

    private static byte[] Fields(params (string Text, int Length)[] fields)
    {
        var row = new List<byte>();
        foreach (var (text, length) in fields)
        {
            var bytes = s_korean.GetBytes(text);
            if (bytes.Length > length)
            {
                throw new ArgumentException(
                    string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text} is longer than {length} bytes"),
                    nameof(fields));
            }
            row.AddRange(bytes);
            row.AddRange(Enumerable.Repeat((byte)' ', length - bytes.Length));
        }

        return [.. row];
    }
}
