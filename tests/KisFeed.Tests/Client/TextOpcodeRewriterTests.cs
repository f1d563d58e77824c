using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Client;

namespace KisFeed.Tests.Client;

public sealed class TextOpcodeRewriterTests
{
    private static readonly Gen<int> s_length = Gen.OneOf(
        Gen.Elements(0, 1, 125, 126, 127, 65_535, 65_536),
        Gen.Choose(0, 300));

    private static readonly Gen<Sent> s_frame =
        from first in Gen.Choose(0, 255)
        from isMasked in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        from length in s_length
        from lengthBytes in Gen.Elements(0, 2, 8)
        select new Sent((byte)first, isMasked, length, lengthBytes);

    [Fact]
    public void Exactly_the_opcodes_of_text_are_changed_however_the_bytes_are_split()
    {
        var input =
            from frames in s_frame.ListOf()
            from chunks in Gen.Choose(1, 7).Or(Gen.Choose(1, 3_000)).ListOf()
            select (Frames: frames.ToArray(), Chunks: chunks.ToArray());
        Prop.ForAll(input.ToArbitrary(), static x => Holds(x.Frames, x.Chunks)).QuickCheckThrowOnFailure();

        static void Holds(Sent[] frames, int[] chunks)
        {
            var bytes = frames.SelectMany(f => f.Write(f.First)).ToArray();
            var expected = frames.SelectMany(f => f.Write((f.First & 0xF) == 1 ? (byte)(f.First + 1) : f.First)).ToArray();

            var rewriter = default(TextOpcodeRewriter);
            var position = 0;
            for (var i = 0; position < bytes.Length; i++)
            {
                var length = i < chunks.Length ? Math.Min(chunks[i], bytes.Length - position) : bytes.Length - position;
                rewriter.Rewrite(bytes.AsSpan(position, length));
                position += length;
            }

            bytes.AsSpan().SequenceEqual(expected).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_frame_longer_than_memory_is_passed_over()
    {
        var rewriter = default(TextOpcodeRewriter);
        byte[] header = [0x81, 127, 0, 0, 0, 2, 0, 0, 0, 0];
        rewriter.Rewrite(header);
        header[0].ShouldBe((byte)0x82);
        var payload = new byte[1 << 20];
        for (var i = 0; i < 1 << 13; i++)
        {
            payload[0] = 0x81;
            rewriter.Rewrite(payload);
            payload[0].ShouldBe((byte)0x81);
        }

        rewriter.Rewrite(payload);
        payload[0].ShouldBe((byte)0x82);
    }

    [Fact]
    public void No_length_is_too_wrong_to_go_on()
    {
        var rewriter = default(TextOpcodeRewriter);
        byte[] bytes = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x81, 0x81, 0x81, 0x81];
        Should.NotThrow(() => rewriter.Rewrite(bytes));
    }

    private sealed record Sent(byte First, bool IsMasked, int Length, int LengthBytes)
    {
        /// <summary>The frame with another first byte. Mask and payload contain what looks like the beginnings of text frames.</summary>
        public byte[] Write(byte first)
        {
            // A server may encode a length in more bytes than necessary.
            var lengthBytes = Math.Max(LengthBytes, Length switch { < 126 => 0, <= ushort.MaxValue => 2, _ => 8 });
            var frame = new byte[2 + lengthBytes + (IsMasked ? 4 : 0) + Length];
            frame.AsSpan().Fill(0x81);
            frame[0] = first;
            frame[1] = (byte)((IsMasked ? 0x80 : 0) | lengthBytes switch { 0 => Length, 2 => 126, _ => 127 });
            if (lengthBytes == 2)
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)Length);
            else if (lengthBytes == 8)
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)Length);
            return frame;
        }
    }
}
