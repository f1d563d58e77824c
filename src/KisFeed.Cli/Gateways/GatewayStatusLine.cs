using System.Globalization;
using KisFeed.Cli.Captures;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>How a gateway is getting on, in a line.</summary>
internal sealed class GatewayStatusLine(TimeProvider time, Func<GatewayStatus> read)
{
    private long _since = time.GetTimestamp();
    private long _frames;

    /// <summary>The line; the rate is that since it was asked for last.</summary>
    public string Next()
    {
        var status = read();
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_since, now).TotalSeconds;
        var rate = seconds > 0 ? (status.FramesReceived - _frames) / seconds : 0;
        (_since, _frames) = (now, status.FramesReceived);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(status.Connections, "connection")}, {Counted.Of(status.Streams, "stream")}, {Counted.Of(status.Registrations.Count, "key")} upstream, {rate:N0} frames a second");
        return status.Recording is { } recording ? string.Create(CultureInfo.InvariantCulture, $"{line}, {recording.Flushed:N0} recorded") : line;
    }
}
