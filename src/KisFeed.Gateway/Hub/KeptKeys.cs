using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Keeps keys registered whether or not a consumer wants them. A key that upstream refuses or ends is registered again
/// after a while, if that may succeed.
/// </summary>
internal sealed class KeptKeys : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly FeedHub _hub;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _keeping;

    public KeptKeys(FeedHub hub, IReadOnlyList<GatewayKey> keys, TimeProvider time, ILogger logger)
    {
        _hub = hub;
        _time = time;
        _logger = logger;
        _keeping = Task.WhenAll(keys.Select(key => Task.Run(() => KeepAsync(key))));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
    }

    private async Task KeepAsync(GatewayKey key)
    {
        try
        {
            while (await HoldAsync(key).ConfigureAwait(false))
                await Task.Delay(s_pause, _time, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The gateway is stopping, and its claims end with it.
        }
    }

    // Holds the key until its registration ends. Returns whether to try again.
    private async Task<bool> HoldAsync(GatewayKey key)
    {
        var ended = new TaskCompletionSource<BrokerCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var claim = await _hub.AcquireAsync(key.Feed, key.Key, consumer: null, code => ended.TrySetResult(code)).ConfigureAwait(false);
        var code = claim.Refusal ?? await ended.Task.WaitAsync(_stopping.Token).ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
        GatewayLog.NotKept(_logger, key.Feed.TrId, key.Feed.IsNotice ? "(HTS ID)" : key.Key, code);
        return code.Meaning is BrokerCodeMeaning.TryLater or BrokerCodeMeaning.SessionFull or BrokerCodeMeaning.Unknown;
    }
}
