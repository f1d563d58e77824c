namespace KisFeed.Tests.Wire;

public sealed class WebSocketFrameHeaderTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    [InlineData(int.MaxValue, 10)]
    public void A_written_header_is_read_back_once_it_is_complete(int payloadLength, int length)
    {
        var bytes = new byte[WebSocketFrameHeader.MaxUnmaskedLength];

        WebSocketFrameHeader.Write(bytes, WebSocketOpcode.Text, payloadLength).ShouldBe(length);

        for (var known = 0; known < length; known++)
            WebSocketFrameHeader.TryRead(bytes.AsSpan(0, known), out _).ShouldBeFalse();
        WebSocketFrameHeader.TryRead(bytes.AsSpan(0, length), out var header).ShouldBeTrue();
        header.ShouldBe(new WebSocketFrameHeader(0x81, IsMasked: false, length, (ulong)payloadLength));
        header.IsWholeMessage.ShouldBeTrue();
    }

    [Fact]
    public void The_mask_belongs_to_the_header_but_is_not_needed_to_read_it()
    {
        WebSocketFrameHeader.TryRead([0x89, 0x83], out var header).ShouldBeTrue();
        header.ShouldBe(new WebSocketFrameHeader(0x89, IsMasked: true, 6, 3));
        header.Opcode.ShouldBe(WebSocketOpcode.Ping);
        (header.IsControl, header.IsFinal, header.IsWholeMessage).ShouldBe((true, true, false));
    }

    [Theory]
    [InlineData(0x01, false)]
    [InlineData(0x80, false)]
    [InlineData(0x82, true)]
    [InlineData(0xC1, false)]
    public void A_fragment_or_a_frame_of_an_extension_is_not_a_whole_message(byte first, bool isWhole)
    {
        WebSocketFrameHeader.TryRead([first, 0], out var header).ShouldBeTrue();
        header.IsWholeMessage.ShouldBe(isWhole);
    }

    [Fact]
    public void The_first_fragment_has_the_opcode_and_is_not_final()
    {
        var bytes = new byte[WebSocketFrameHeader.MaxUnmaskedLength];
        WebSocketFrameHeader.Write(bytes, WebSocketOpcode.Text, 5, isFinal: false);
        bytes[..2].ShouldBe([0x01, 5]);
        WebSocketFrameHeader.Write(bytes, WebSocketOpcode.Continuation, 5);
        bytes[..2].ShouldBe([0x80, 5]);
    }
}
