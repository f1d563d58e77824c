using KisFeed.Coordination;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Clusters;

/// <summary>Tells the cluster at intervals how far a gateway is behind.</summary>
internal sealed class NodeReport : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reporting;

    private NodeReport(CoordinationSettings settings, Func<TimeSpan?> lag, TimeProvider time, ILogger logger) =>
        _reporting = ReportAsync(settings, lag, time, logger, _stopping.Token);

    /// <summary>Starts to report.</summary>
    public static NodeReport Start(CoordinationSettings settings, Func<TimeSpan?> lag, TimeProvider time, ILoggerFactory log) =>
        new(settings, lag, time, log.CreateLogger<NodeReport>());

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static async Task ReportAsync(
        CoordinationSettings settings, Func<TimeSpan?> lag, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.Options.LeaseTtl, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                if (lag() is { } now)
                    await settings.Database.ReportLagAsync(settings.Node, now, cancellationToken);
            }
            catch (CoordinationException e)
            {
                // The keepers report that the database is away.
                ClusterLog.LagNotReported(logger, e.Message);
            }
        }
    }
}

/// <summary>What the membership in a cluster logs.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(2351, LogLevel.Debug, "the cluster does not know how far this gateway is behind: {Problem}")]
    public static partial void LagNotReported(ILogger logger, string problem);

    [LoggerMessage(2352, LogLevel.Warning, "the schema of the cluster was not checked: {Problem}. The gateway waits for the database")]
    public static partial void SchemaNotChecked(ILogger logger, string problem);

    [LoggerMessage(2353, LogLevel.Error,
        "publishing has ended, so this gateway leaves its app keys to other ingests. Restart it when the problem is fixed")]
    public static partial void Resigns(ILogger logger);

    [LoggerMessage(2354, LogLevel.Information, "the schema of the cluster was checked")]
    public static partial void SchemaChecked(ILogger logger);
}
