using KisFeed.Capture;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Registers keys upstream for the hub, the recorder and the publisher, which share each registration. The recorder subscribes to a
/// key before the publisher, and that before the hub, and they release it in the opposite order, so that everything that is published
/// or reaches a consumer is recorded.
/// </summary>
internal sealed class UpstreamKeys(FrameTap tap, CaptureRecorder? recorder, IFramePublisher? publisher, bool recordsNotices, ILogger logger)
{
    /// <summary>
    /// Registers a key. Returns when upstream has acknowledged it. Throws like
    /// <see cref="FrameTap.AddAsync(FeedSchema, string, CancellationToken)"/>.
    /// </summary>
    public async Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        // Each attaches when it is called, before upstream acknowledges the key, so that all have it from its first frame on.
        var recording = TryRecordAsync(feed, key, cancellationToken);
        var publishing = recording is { IsCompletedSuccessfully: true, Result: false }
            ? recording
            : TryPublishAsync(feed, key, cancellationToken);
        var adding = tap.AddAsync(feed, key, cancellationToken);
        try
        {
            await Task.WhenAll(recording, publishing, adding).ConfigureAwait(false);
        }
        catch
        {
            if (adding.IsCompletedSuccessfully)
                await tap.RemoveAsync(feed, key, CancellationToken.None).ConfigureAwait(false);
            if (publishing is { IsCompletedSuccessfully: true, Result: true })
                await publisher!.RemoveAsync(feed, key).ConfigureAwait(false);
            if (recording is { IsCompletedSuccessfully: true, Result: true })
                await recorder!.RemoveAsync(feed, key, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Releases a key. Returns when upstream has confirmed it. Throws like <see cref="FrameTap.RemoveAsync"/>.</summary>
    public async Task RemoveAsync(FeedSchema feed, string key)
    {
        await tap.RemoveAsync(feed, key).ConfigureAwait(false);
        if (publisher is not null)
            await publisher.RemoveAsync(feed, key).ConfigureAwait(false);
        if (recorder is not null)
            await recorder.RemoveAsync(feed, key).ConfigureAwait(false);
    }

    private async Task<bool> TryPublishAsync(FeedSchema feed, string key, CancellationToken cancellationToken) =>
        publisher is { Status.HasEnded: false } && !feed.IsNotice
        && await TryAddAsync(
            () => publisher.AddAsync(feed, key, cancellationToken),
            problem => GatewayLog.NotPublished(logger, feed.TrId, problem)).ConfigureAwait(false);

    private async Task<bool> TryRecordAsync(FeedSchema feed, string key, CancellationToken cancellationToken) =>
        recorder is { Status.HasEnded: false } && (recordsNotices || !feed.IsNotice)
        && await TryAddAsync(
            () => recorder.AddAsync(feed, key, cancellationToken),
            problem => GatewayLog.NotRecorded(logger, feed.TrId, problem)).ConfigureAwait(false);

    // A publisher or recorder that has ended does not keep consumers from getting data.
    private static async Task<bool> TryAddAsync(Func<Task> add, Action<string> log)
    {
        try
        {
            await add().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
        {
            log(e.Message);
            return false;
        }
    }
}

/// <summary>
/// Whether upstream is reachable, derived from the phases of its sessions. Polled instead of tracked, because a session without
/// registrations does not report every failure.
/// </summary>
internal sealed class UpstreamHealth(IFrameSource frames)
{
    /// <summary>
    /// Whether all sessions have halted. Their registrations then end one by one. These are not refusals;
    /// the reason follows when the tap ends.
    /// </summary>
    public bool HasEnded => frames.Sessions.All(session => session.Phase == SessionPhase.Halted);

    /// <summary>
    /// Whether no session is reachable. A first attempt, or one after an idle time, may succeed, so its outcome is awaited.
    /// </summary>
    public bool IsDown => frames.Sessions.All(session => session.Phase switch
    {
        SessionPhase.Open => false,
        SessionPhase.Idle or SessionPhase.Connecting => session.Failures > 0,
        _ => true,
    });
}

/// <summary>Maps a failed upstream registration to the code that consumers get.</summary>
internal static class UpstreamRefusal
{
    /// <summary>The service's code if it refused, otherwise the code that describes the failure best.</summary>
    public static BrokerCode CodeOf(Exception error) => error switch
    {
        SubscribeRefusedException refusal => refusal.Code,
        ConnectionLostException { Code: { } code } => code,
        RegistrationLimitException { RetryAfter: not null } => BrokerCode.SendFailed,
        RegistrationLimitException => BrokerCode.TooManySubscriptions,
        FeedNotAvailableException => BrokerCode.InvalidTrId,
        ArgumentException => BrokerCode.InvalidTrKey,
        SubscribeTimeoutException => BrokerCode.SendFailed,
        _ => BrokerCode.InternalError,
    };
}
