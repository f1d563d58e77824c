using System.Net.WebSockets;
using System.Text;
using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Http;

public sealed class ServerFrameTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(123, 123)]
    [InlineData(124, 123)]
    [InlineData(1_000, 123)]
    public void A_close_frame_has_its_reason_as_far_as_it_fits(int length, int kept)
    {
        var frame = ServerFrame.Close(WebSocketCloseStatus.PolicyViolation, new string('x', length));

        frame[..4].ShouldBe([0x88, (byte)(2 + kept), 1008 >> 8, 1008 & 0xFF]);
        Encoding.UTF8.GetString(frame[4..]).ShouldBe(new string('x', kept));
    }

    [Fact]
    public void A_close_frame_without_a_status_has_no_body() => ServerFrame.Close(WebSocketCloseStatus.Empty, "").ShouldBe([0x88, 0x00]);

    [Fact]
    public void A_reason_is_not_cut_within_a_character()
    {
        var frame = ServerFrame.Close(WebSocketCloseStatus.PolicyViolation, "x" + new string('가', 100));

        Encoding.UTF8.GetString(frame[4..]).ShouldBe("x" + new string('가', 40));
        frame.Length.ShouldBe(4 + 121);
    }
}
