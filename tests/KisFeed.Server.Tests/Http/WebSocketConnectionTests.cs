using System.Net.WebSockets;
using KisFeed.Server.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Http;

public sealed class WebSocketConnectionTests
{
    private const int Limit = 100;

    private static readonly TimeSpan s_instant = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(Limit / 2, 1)]
    [InlineData(Limit * 2, 10)]
    public void A_closed_client_has_more_time_to_read_if_its_queue_is_full(int queued, int seconds)
    {
        var time = new ManualTimeProvider();
        var aborts = 0;
        var connection = new WebSocketConnection(
            1, Stream.Null, () => aborts++, NullLogger.Instance, new ConnectionLimits { OutboundBytes = Limit }, time);
        connection.Send(new byte[queued]).ShouldBeTrue();

        connection.Close(WebSocketCloseStatus.PolicyViolation, "too slow").ShouldBeTrue();

        time.Advance(TimeSpan.FromSeconds(seconds) - s_instant);
        aborts.ShouldBe(0);
        time.Advance(s_instant);
        aborts.ShouldBe(1);
    }
}
