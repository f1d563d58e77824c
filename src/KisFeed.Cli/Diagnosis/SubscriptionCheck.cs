namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the service accepts a registration.</summary>
internal sealed class SubscriptionCheck() : Check("subscription", isRequired: true)
{
    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var target = context.Target!;
        var client = context.Client!;
        var start = context.Host.Time.GetTimestamp();
        try
        {
            context.Subscription = await client.SubscribeAsync(target.Feed, target.Key, cancellationToken: cancellationToken);
            var milliseconds = context.Host.Time.GetElapsedTime(start).TotalMilliseconds;
            return [Ok($"{target}: acknowledged in {milliseconds:0} ms")];
        }
        catch (KisFeedException e)
        {
            return [Failed(e, AdviceOn(e))];
        }
        catch (ArgumentException e)
        {
            return [Failed(e.Message, advice: null, ExitCode.Usage)];
        }
    }

    private static string AdviceOn(KisFeedException failure)
    {
        var code = failure switch
        {
            SubscribeRefusedException refused => refused.Code,
            ConnectionLostException { Code: { } lost } => lost,
            _ => default(BrokerCode?),
        };
        return code?.Meaning switch
        {
            BrokerCodeMeaning.AppKeyInUse =>
                "The broker allows one session per app key, and there is one already: end the other program (on any machine) that uses "
                + "this app key, or use another app key. "
                + "If that program ended without closing its connection, the broker keeps its session for some minutes: "
                + "wait, and run this again, once.",
            BrokerCodeMeaning.UnknownApprovalKey => "The server does not know the approval key that REST issued: check that --url, "
                + "--rest and --env belong to the same service.",
            BrokerCodeMeaning.BadCredentials => "Check the app key and the app secret, and that they are for this service (--env).",
            BrokerCodeMeaning.WrongHtsId => "Check the HTS ID: it is case-sensitive, and must belong to the account of the app key.",
            BrokerCodeMeaning.InvalidRegistration => "Check feed and key: 'kisfeed feeds' lists the feeds with an example key each.",
            BrokerCodeMeaning.TryLater =>
                "Try again in a few minutes. If this persists, the account may not be entitled to this market's data.",
            BrokerCodeMeaning.SessionFull =>
                "The session has as many registrations as the broker allows; another program seems to share it.",
            _ => failure is SubscribeTimeoutException
                ? "The connection is open, but the service does not answer: try again in a minute, once."
                : "Try again in a minute, once; not in a loop, because the broker blocks such addresses.",
        };
    }
}
