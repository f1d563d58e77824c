using KisFeed.Wire;

namespace KisFeed;

// What came of subscriptions, for those who watch.
internal sealed partial class ClientRuntime
{
    /// <summary>Joins a registration, and makes it if need be. Returns once the server holds it.</summary>
    public async Task<SubscriptionHandle> AttachAsync(FeedSchema feed, string key, IFrameReceiver receiver, CancellationToken cancellationToken)
    {
        using var activity = ClientActivities.StartSubscribe(_options, feed);
        try
        {
            var handle = await AttachAsync(feed, key, receiver, activity, cancellationToken).ConfigureAwait(false);
            ClientActivities.End(activity, "confirmed");
            return handle;
        }
        catch (OperationCanceledException)
        {
            ClientActivities.End(activity, "cancelled");
            throw;
        }
        catch (Exception e)
        {
            if (CodeOf(e) is { } code)
                activity?.SetTag(DiagnosticTags.BrokerCode, DiagnosticTags.Name(code));
            ClientActivities.End(activity, OutcomeOf(e), e);
            throw;
        }
    }

    private static BrokerCode? CodeOf(Exception error) => error is SubscribeRefusedException refusal ? refusal.Code : (error as ConnectionLostException)?.Code;

    private static string OutcomeOf(Exception error) => error switch
    {
        SubscribeRefusedException => "refused",
        SubscribeTimeoutException => "no_reply",
        RegistrationLimitException => "no_place",
        ConnectionLostException => "session_over",
        ObjectDisposedException => "client_disposed",
        _ => "failed",
    };
}
