using KisFeed.Coordination;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Clusters;

/// <summary>
/// Creates or updates the schema of a cluster at the start of a gateway, if that is necessary and possible. Otherwise the gateway starts
/// all the same: the schema may belong to another role, and while the database is away it is tried again.
/// </summary>
internal sealed class ClusterSetup : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task> _update;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    private ClusterSetup(Func<CancellationToken, Task> update, ILogger logger)
    {
        _update = update;
        _logger = logger;
    }

    /// <summary>Ends when the schema is that of this version, or cannot be changed.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Tries it once, and goes on if the database is away.</summary>
    public static async Task<ClusterSetup> StartAsync(
        Func<CancellationToken, Task> update, TimeProvider time, ILoggerFactory log, CancellationToken cancellationToken)
    {
        var setup = new ClusterSetup(update, log.CreateLogger<ClusterDatabase>());
        if (!await setup.TryAsync(isFirst: true, cancellationToken))
            setup.Completion = setup.RetryAsync(time, setup._stopping.Token);
        return setup;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RetryAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (await TryAsync(isFirst: false, cancellationToken))
                return;
        }
    }

    // False if another attempt may succeed.
    private async Task<bool> TryAsync(bool isFirst, CancellationToken cancellationToken)
    {
        try
        {
            await _update(cancellationToken);
            if (!isFirst)
                ClusterLog.SchemaChecked(_logger);
            return true;
        }
        catch (CoordinationException e)
        {
            if (isFirst || !e.IsTransient)
                ClusterLog.SchemaNotChecked(_logger, e.Message);
            return !e.IsTransient;
        }
    }
}
