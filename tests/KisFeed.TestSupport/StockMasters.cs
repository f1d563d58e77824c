using System.IO.Compression;

namespace KisFeed.TestSupport;

/// <summary>Master files of stocks in the broker's layout, and archives of master files as it publishes them.</summary>
internal static class StockMasters
{
    private const int KospiTail = 227;
    private const int KosdaqTail = 221;
    private const int NameBytes = 40;

    private static readonly System.Text.Encoding s_korean = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(949)!;

    /// <summary>The content of <c>kospi_code.mst</c> or <c>nxt_kospi_code.mst</c>.</summary>
    public static byte[] Kospi(params IEnumerable<(string Code, string Name)> stocks) => Content(stocks, KospiTail);

    /// <summary>The content of <c>kosdaq_code.mst</c> or <c>nxt_kosdaq_code.mst</c>.</summary>
    public static byte[] Kosdaq(params IEnumerable<(string Code, string Name)> stocks) => Content(stocks, KosdaqTail);

    /// <summary>An archive with one file.</summary>
    public static byte[] Packed(string name, byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(name).Open();
            entry.Write(content);
        }

        return bytes.ToArray();
    }

    private static byte[] Content(IEnumerable<(string Code, string Name)> stocks, int tail) =>
        [.. stocks.SelectMany(stock => s_korean.GetBytes(
            $"{stock.Code,-9}KR7{stock.Code}003{Padded(stock.Name)}{"ST1002700180000".PadRight(tail, 'N')}\n"))];

    // In bytes; a Korean letter has two.
    private static string Padded(string name) => name + new string(' ', NameBytes - s_korean.GetByteCount(name));
}
