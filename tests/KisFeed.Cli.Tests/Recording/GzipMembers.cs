using System.Buffers.Binary;
using System.IO.Compression;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>
/// The complete members of a BGZF file. Implemented from the description of the format, independently of the tested code.
/// </summary>
/// <param name="Text">The text of the complete members.</param>
/// <param name="Last">The offset of the last complete member.</param>
/// <param name="End">The end of the last complete member.</param>
internal sealed record GzipMembers(string Text, int Last, int End)
{
    private const int HeaderLength = 18;
    private const int LengthAt = 16;

    /// <summary>Whether a file ends with an empty member and was therefore closed properly.</summary>
    public static bool IsClosed(ReadOnlySpan<byte> file) =>
        file.EndsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, (byte)'B', (byte)'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0,
            0, 0, 0, 0, 0]);

    /// <summary>Reads from the start of a member to the end of the file or the first incomplete member.</summary>
    public static GzipMembers Read(byte[] file, int from)
    {
        using var text = new MemoryStream();
        var (last, end) = (from, from);
        while (file.Length - end >= HeaderLength)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(end + LengthAt)) + 1;
            if (length > file.Length - end || !TryUnpack(file.AsMemory(end, length), text))
                break;
            (last, end) = (end, end + length);
        }

        return new GzipMembers(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length), last, end);
    }

    private static bool TryUnpack(ReadOnlyMemory<byte> member, MemoryStream text)
    {
        try
        {
            using var source = new MemoryStream(member.ToArray());
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            gzip.CopyTo(text);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
