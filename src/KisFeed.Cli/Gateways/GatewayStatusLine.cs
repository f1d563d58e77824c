using System.Globalization;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Output;
using KisFeed.Cli.Watching;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>How a gateway is getting on, in a line.</summary>
internal sealed class GatewayStatusLine(TimeProvider time, Func<GatewayStatus> read)
{
    private long _since = time.GetTimestamp();
    private long _frames;

    /// <summary>The line, no wider than the terminal; the rate is that since it was asked for last.</summary>
    public string Next(int width)
    {
        var status = read();
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_since, now).TotalSeconds;
        var rate = seconds > 0 ? (status.FramesReceived - _frames) / seconds : 0;
        (_since, _frames) = (now, status.FramesReceived);
        List<string> parts = [SessionText.Of(status.Upstream)];
        if (status.FramesDropped > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"dropped {status.FramesDropped:N0}"));
        if (status.Recording is { } recording)
            parts.Add(recording.Problem is null ? string.Create(CultureInfo.InvariantCulture, $"recorded {recording.Flushed:N0}") : "NOT WRITTEN");
        if (status.Recording is { Dropped: > 0 and var dropped })
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{dropped:N0} NOT RECORDED"));
        parts.Add(CountText.Of(status.Registrations.Count, "key"));
        parts.Add(CountText.Of(status.Connections, "connection"));
        parts.Add(CountText.Of(status.Streams, "stream"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:N0} frames/s"));
        return StatusLine.Fit(parts, width);
    }
}
