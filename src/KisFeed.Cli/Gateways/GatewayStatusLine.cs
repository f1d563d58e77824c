using KisFeed.Cli.Watching;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>The status of a gateway as one line.</summary>
internal sealed class GatewayStatusLine(TimeProvider time, Func<GatewayStatus> read)
{
    private readonly RateMeter _rate = new(time);

    public string Next(int width)
    {
        var status = read();
        List<string> parts = [status.Cluster?.Role == GatewayClusterRole.Standby ? "standby" : SessionText.Of(status.Upstream)];
        if (status.Cluster?.Problem is not null)
            parts.Add("NO CLUSTER DATABASE");
        if (status.Totals.FramesDropped > 0)
            parts.Add($"dropped {status.Totals.FramesDropped:N0}");
        if (status.Recording is { } recording)
            parts.Add(recording.Problem is null ? $"recorded {recording.Flushed:N0}" : "NOT WRITTEN");
        if (status.Recording is { Dropped: > 0 and var dropped })
            parts.Add($"{dropped:N0} NOT RECORDED");
        if (status.Sink is { } sink)
            parts.Add(!sink.IsStoring ? "NOT STORED" : sink.LagBytes > 0 ? $"{ByteSize.Text(sink.LagBytes)} to store" : "stored");
        if (status.Publisher is { } publisher)
        {
            parts.Add(!publisher.IsPublishing ? "NOT PUBLISHED"
                : publisher.IsLive ? "published"
                : $"{publisher.Lag.TotalSeconds:N0} s to publish");
        }
        parts.Add(CountText.Of(status.Registrations.Count, "key"));
        parts.Add(CountText.Of(status.Totals.Connections, "connection"));
        parts.Add(CountText.Of(status.Totals.Streams, "stream"));
        parts.Add($"{_rate.Sample(status.Totals.FramesReceived):N0} frames/s");
        return StatusLine.Fit(parts, width);
    }
}
