namespace KisFeed.Cli.Diagnosis;

/// <summary>Requests an approval key and opens the WebSocket, once.</summary>
internal sealed class ConnectionCheck() : Check("connection", isRequired: true)
{
    private const string ApprovalKey = "approval key";
    private const string WebSocket = "WebSocket";

    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var addresses = ServiceAddresses.Of(context.Options);
        using var times = new ConnectTimings(addresses, context.Host.Time);
        try
        {
            context.Client = await KisFeedClient.ConnectAsync(context.Options, cancellationToken);
            var connected = $"{ServiceAddresses.Show(addresses.WebSocket)} connected in {Milliseconds(times.SocketTime)}";
            return [KeyOf(times), Ok(connected) with { Check = WebSocket }];
        }
        catch (ApprovalKeyException e)
        {
            return [Failed(e, AdviceOn(e, context.Options.Environment)) with { Check = ApprovalKey }];
        }
        catch (KisFeedException e) when (times.IsSocketRequested)
        {
            var advice = e is ConnectionFailedException { IsRejected: true }
                ? "The server there is not the broker's service: check the address, its port and its path (--url, KISFEED_URL)."
                : "The port answers, but does not accept the WebSocket: try again in a minute, once. If this persists, ask the broker "
                    + "whether the address or the app key is blocked.";
            return [KeyOf(times), Failed(e, advice) with { Check = WebSocket }];
        }
        catch (KisFeedException e)
        {
            return [Failed(e, "The REST service does not answer: try again in a minute.") with { Check = ApprovalKey }];
        }
    }

    private Finding KeyOf(ConnectTimings times)
    {
        var text = times.IsKeyRequested ? $"issued in {Milliseconds(times.ApprovalTime)}" : "an earlier one is still valid";
        return Ok(text) with { Check = ApprovalKey };
    }

    private static string AdviceOn(ApprovalKeyException failure, KisEnvironment environment) => (failure.Failure, failure.ErrorCode) switch
    {
        (ConnectFailure.BadCredentials, "EGW00105") =>
            "The app secret does not belong to this app key: copy both again from KIS Developers.",
        (ConnectFailure.BadCredentials, _) => "Copy the app key again from KIS Developers. Production and mock have separate app "
            + $"keys; this run uses {(environment == KisEnvironment.Mock ? "mock" : "production")} (--env).",
        (ConnectFailure.TooManyRequests, _) => "Wait a minute and run this again, once. The broker issues one approval key per second.",
        (ConnectFailure.Rejected, null) =>
            "The server there is not the broker's service: check the address (--rest, KISFEED_REST, or --url).",
        (ConnectFailure.Rejected, _) =>
            "The broker's code states the reason; check that the app key is still valid and may use this service.",
        _ => "The REST service fails or cannot be reached: try again later. The broker announces maintenance on KIS Developers.",
    };

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0} ms";
}
