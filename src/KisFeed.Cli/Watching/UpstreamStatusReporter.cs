using KisFeed.Gateway;

namespace KisFeed.Cli.Watching;

/// <summary>Tells people what becomes of a gateway's own session: its consumers' connections stand meanwhile, and tell of nothing.</summary>
/// <param name="time">The clock.</param>
/// <param name="server">The gateway.</param>
/// <param name="area">Where people are told.</param>
internal sealed class UpstreamStatusReporter(TimeProvider time, GatewayServer server, StatusArea area)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250); // Below the shortest delay before a session is made anew, so that no loss is missed.

    private readonly SessionStatusReporter _reporter = new(time, server.Status.Upstream.Count);

    /// <summary>Goes on until it is cancelled, which is its ordinary end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The end of the demo.
        }
    }

    private void Look()
    {
        foreach (var status in server.Status.Upstream)
        {
            if (_reporter.Take(status) is { } message)
                area.Show(message);
        }
    }
}
