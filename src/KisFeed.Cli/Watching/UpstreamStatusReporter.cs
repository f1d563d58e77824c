using KisFeed.Gateway;

namespace KisFeed.Cli.Watching;

/// <summary>
/// Reports status changes of a gateway's upstream sessions. The connections of its consumers stay open and show nothing of them.
/// </summary>
internal sealed class UpstreamStatusReporter(TimeProvider time, GatewayServer server, StatusArea area)
{
    // Shorter than the shortest reconnect delay, so that no loss is missed.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly SessionStatusReporter _reporter = new(time, server.Status.Upstream.Count);

    /// <summary>Runs until it is cancelled, which is its normal end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Poll();
        }
        catch (OperationCanceledException)
        {
            // The end of the demo.
        }
    }

    private void Poll()
    {
        foreach (var status in server.Status.Upstream)
        {
            if (_reporter.Update(status) is { } message)
                area.Show(message);
        }
    }
}

/// <summary>Shows status messages: on standard error, or below the live table, which other output would damage.</summary>
internal sealed class StatusArea(CommandHost host, Output<TickItem> output)
{
    public void Show(StatusMessage message)
    {
        var live = output as LiveTicks;
        live?.Show(message);
        if (live is null || !host.ErrorIsTerminal)
            message.WriteTo(host);
    }
}
