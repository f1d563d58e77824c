using System.Buffers.Binary;
using System.IO.Compression;
using KisFeed.Capture.Files;

namespace KisFeed.Capture.Tests;

/// <summary>A block unpacks to its text if it is sound, and to nothing otherwise.</summary>
public sealed class BlockUnpackerTests : IDisposable
{
    // By default every tenth value of each byte; the offset differs for each byte.
    private const int ValueStep = 10;

    private readonly BlockUnpacker _unpacker = new();

    [Theory]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.NoCompression)]
    public void A_block_with_any_changed_byte_unpacks_to_its_text_or_to_nothing(CompressionLevel level)
    {
        var text = Lines(20).AsSpan(0, 1_000).ToArray();
        using var packer = new BlockPacker(level);
        var block = packer.Pack(text).ToArray();
        for (var position = 0; position < block.Length; position++)
        {
            var original = block[position];
            for (var other = TestRun.IsFull ? 0 : position % ValueStep; other <= byte.MaxValue; other += TestRun.IsFull ? 1 : ValueStep)
            {
                block[position] = (byte)other;
                if (_unpacker.Unpack(block) is { } unpacked)
                    unpacked.AsSpan().SequenceEqual(text).ShouldBeTrue($"byte {position} is {other}");
            }

            block[position] = original;
        }
    }

    [Fact]
    public void A_block_without_an_end_is_damaged_even_if_its_checksum_parses_as_more_data()
    {
        // The text in a stored part that is not marked as the last. Checksum and length parse as five
        // empty parts and the header of another.
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
    public void Blocks_of_any_length_are_unpacked()
    {
        // The unpacker reads in pieces; the end of the block falls inside a piece or between two.
        using var packer = new BlockPacker(CompressionLevel.NoCompression);
        var text = Lines(300);
        for (var length = 1; length < text.Length; length += length is > 8_000 and < 8_300 or > 16_200 and < 16_500 ? 1 : 50)
        {
            _unpacker.Unpack(packer.Pack(text.AsSpan(0, length)))!.AsSpan().SequenceEqual(text.AsSpan(0, length))
                .ShouldBeTrue($"{length} bytes");
        }
    }

    public void Dispose() => _unpacker.Dispose();

    private static byte[] Lines(int count) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count)
            .Select(i => $"2026-11-20T00:00:00.{i:000}0000Z {Encoding.UTF8.GetString(Ticks.Index(i))}\n")));
}
