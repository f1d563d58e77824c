using KisFeed.Session;

namespace KisFeed.RabbitMq.Connecting;

/// <summary>The delays between attempts to connect, which double with each consecutive failure. Not thread-safe.</summary>
internal sealed class RetryDelay(RabbitMqClusterOptions options)
{
    private int _failures;

    public void Reset() => _failures = 0;

    /// <summary>Waits before the next attempt; ends without an exception if cancelled.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var delay = Backoff.After(options.RetryInterval, _failures++, options.MaxRetryInterval);
        await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
