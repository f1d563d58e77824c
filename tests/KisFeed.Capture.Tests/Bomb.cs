using System.IO.Compression;

namespace KisFeed.Capture.Tests;

/// <summary>Little that unpacks to a lot.</summary>
internal static class Bomb
{
    /// <summary>So many blanks as one member of gzip: a thousandth of that.</summary>
    public static byte[] OfBlanks(int count)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.SmallestSize))
        {
            var blanks = new byte[1 << 20];
            blanks.AsSpan().Fill((byte)' ');
            for (; count > 0; count -= blanks.Length)
                gzip.Write(blanks);
        }

        return output.ToArray();
    }
}
