using KisFeed.Capture;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// What is registered upstream: for the hub, and for a recorder beside it, which share each registration. A key is the recorder's first and stays so until the hub has let it go, so that
/// nothing reaches a consumer that is not recorded.
/// </summary>
/// <param name="tap">The hub's.</param>
/// <param name="recorder">What records; <see langword="null"/> where nothing is.</param>
/// <param name="recordsNotices">Whether order notices are recorded.</param>
/// <param name="logger">Where to log.</param>
internal sealed class UpstreamKeys(FrameTap tap, CaptureRecorder? recorder, bool recordsNotices, ILogger logger)
{
    /// <summary>Registers a key. Returns once upstream has acknowledged; throws as <see cref="FrameTap.AddAsync"/>.</summary>
    public async Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        var isRecorded = await TryRecordAsync(feed, key, cancellationToken).ConfigureAwait(false);
        try
        {
            await tap.AddAsync(feed, key, cancellationToken).ConfigureAwait(false);
        }
        catch when (isRecorded)
        {
            await recorder!.RemoveAsync(feed, key, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets a key go. Returns once upstream has confirmed that; throws as <see cref="FrameTap.RemoveAsync"/>.</summary>
    public async Task RemoveAsync(FeedSchema feed, string key)
    {
        await tap.RemoveAsync(feed, key).ConfigureAwait(false);
        if (recorder is not null)
            await recorder.RemoveAsync(feed, key).ConfigureAwait(false);
    }

    private async Task<bool> TryRecordAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        if (recorder is null || recorder.Status.HasEnded || (feed.IsNotice && !recordsNotices))
            return false;
        try
        {
            await recorder.AddAsync(feed, key, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
        {
            // A recorder that has come to its end keeps nobody from getting data; and what it has already it goes on recording.
            GatewayLog.NotRecorded(logger, feed.TrId, e.Message);
            return false;
        }
    }
}

/// <summary>What the phases of the sessions upstream mean to the gateway. Asked for rather than remembered: not every failure of a session that nobody wants anything of is told.</summary>
/// <param name="client">The client that has the sessions.</param>
internal sealed class UpstreamHealth(KisFeedClient client)
{
    /// <summary>Whether the last session has ended. With it every registration ends, one by one: that is no refusal of any of them, and what ends all of it follows, and says why.</summary>
    public bool IsOver => client.Sessions.All(session => session.Phase == SessionPhase.Halted);

    /// <summary>Whether every session is out of reach. The first attempt, and one after everybody had left, may well succeed: its end is waited for.</summary>
    public bool IsDown => client.Sessions.All(session => session.Phase switch
    {
        SessionPhase.Open => false,
        SessionPhase.Idle or SessionPhase.Connecting => session.Failures > 0,
        _ => true,
    });
}

/// <summary>With which code consumers are told why a registration did not come about upstream.</summary>
internal static class UpstreamRefusal
{
    /// <summary>The code of the service where it refused, and else the one that says nearest what was wrong.</summary>
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
