using KisFeed.Session;

namespace KisFeed;

// What came of attempts to connect, for those who watch.
internal sealed partial class SessionConnection
{
    /// <summary>What has befallen the session.</summary>
    public SessionCounts Counts { get; } = new();

    private async Task<MessageSocket?> AttemptAsync(long connection, bool freshKey, CancellationToken cancellationToken)
    {
        using var activity = ClientActivities.StartConnect(_options, _machine.Settings.Name, _url, isFirst: connection == 1);
        try
        {
            var socket = await OpenAsync(connection, freshKey, activity, cancellationToken).ConfigureAwait(false);
            if (socket is null)
                Counts.Attempted(AttemptOutcome.Abandoned);
            ClientActivities.End(activity, DiagnosticTags.Name(socket is null ? AttemptOutcome.Abandoned : AttemptOutcome.Connected));
            return socket;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Counts.Attempted(AttemptOutcome.Abandoned);
            ClientActivities.End(activity, DiagnosticTags.Name(AttemptOutcome.Abandoned));
            throw;
        }
        catch (Exception e)
        {
            var outcome = OutcomeOf(e);
            Counts.Attempted(outcome);
            ClientActivities.End(activity, DiagnosticTags.Name(outcome), e);
            throw;
        }
    }

    private static AttemptOutcome OutcomeOf(Exception error) => error is not KisFeedException ? AttemptOutcome.Failed : FailureOf(error) switch
    {
        ConnectFailure.Rejected => AttemptOutcome.Rejected,
        ConnectFailure.TooManyRequests => AttemptOutcome.TooManyRequests,
        ConnectFailure.BadCredentials => AttemptOutcome.BadCredentials,
        _ => AttemptOutcome.Unreachable,
    };
}
