using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using KisFeed.Capture.Files;
using KisFeed.Testing;

namespace KisFeed.Capture.Tests;

/// <summary>Whether a block gives its text where it is sound, and none where it is not.</summary>
public sealed class BlockUnpackerTests : IDisposable
{
    // By default every tenth value of each byte, another tenth for the next byte.
    private const int FewValues = 10;

    private readonly BlockUnpacker _unpacker = new();

    [Theory]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.NoCompression)]
    public void Whatever_byte_of_a_block_is_another_it_gives_its_own_text_or_none(CompressionLevel level)
    {
        var text = Lines(20).AsSpan(0, 1_000).ToArray();
        using var packer = new BlockPacker(level);
        var block = packer.Pack(text).ToArray();
        for (var at = 0; at < block.Length; at++)
        {
            var was = block[at];
            for (var other = TestRun.IsFull ? 0 : at % FewValues; other <= byte.MaxValue; other += TestRun.IsFull ? 1 : FewValues)
            {
                block[at] = (byte)other;
                if (_unpacker.Unpack(block) is { } given)
                    given.AsSpan().SequenceEqual(text).ShouldBeTrue($"byte {at} is {other}");
            }

            block[at] = was;
        }
    }

    [Fact]
    public void A_block_whose_text_does_not_end_is_damaged_though_its_checksum_reads_like_more_of_it()
    {
        // The text as it is, in a part that is not the last; and for a checksum, with the length behind it, five parts that hold nothing and the beginning of one more.
        const int Length = 0x200;
        var block = new byte[BlockHeader.Length + 5 + Length + BlockHeader.TrailerLength];
        BlockHeader.Write(block, block.Length);
        var packed = block.AsSpan(BlockHeader.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(packed[1..], Length);
        BinaryPrimitives.WriteUInt16LittleEndian(packed[3..], ushort.MaxValue - Length);
        Lines(5).AsSpan(0, Length).CopyTo(packed[5..]);
        BinaryPrimitives.WriteUInt32LittleEndian(packed[^8..], 0x80200802);
        BinaryPrimitives.WriteInt32LittleEndian(packed[^4..], Length);

        _unpacker.Unpack(block).ShouldBeNull();
    }

    [Fact]
    public void A_block_of_any_length_gives_its_text()
    {
        // Whatever the pieces are in which it is read, its end falls somewhere in one and somewhere between two.
        using var packer = new BlockPacker(CompressionLevel.NoCompression);
        var text = Lines(300);
        for (var length = 1; length < text.Length; length += length is > 8_000 and < 8_300 or > 16_200 and < 16_500 ? 1 : 50)
            _unpacker.Unpack(packer.Pack(text.AsSpan(0, length)))!.AsSpan().SequenceEqual(text.AsSpan(0, length)).ShouldBeTrue($"{length} bytes");
    }

    public void Dispose() => _unpacker.Dispose();

    private static byte[] Lines(int count) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"2026-11-20T00:00:00.{i:000}0000Z {Encoding.UTF8.GetString(Ticks.Index(i))}\n")));
}
