using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>What is whole of a file of gzip members that say how long they are. Written from the description of the format, without the code that is tested.</summary>
/// <param name="Text">The text of the whole members.</param>
/// <param name="Last">Where the last of them begins.</param>
/// <param name="End">Where it ends.</param>
internal sealed record GzipMembers(string Text, int Last, int End)
{
    private const int HeaderLength = 18;
    private const int LengthAt = 16;

    /// <summary>Whether a file ends as one that was closed in order: with an empty member.</summary>
    public static bool IsClosed(ReadOnlySpan<byte> file) =>
        file.EndsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, (byte)'B', (byte)'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    /// <summary>Reads from a position on, at which a member begins, to where the file ends or is not sound.</summary>
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
