using System.Diagnostics.Tracing;

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
            return [KeyOf(times), new Finding(WebSocket, FindingStatus.Ok, $"{ServiceAddresses.Show(addresses.WebSocket)} connected in {Milliseconds(times.SocketTime)}")];
        }
        catch (ApprovalKeyException e)
        {
            return [new Finding(ApprovalKey, FindingStatus.Failed, FailureText.Of(e)) { Advice = AdviceOn(e, context.Options.Environment), ExitCode = ExitCode.Of(e) }];
        }
        catch (KisFeedException e) when (times.IsSocketRequested)
        {
            var advice = e is ConnectionFailedException { IsRejected: true }
                ? "The server there is not the broker's service: check the address, its port and its path (--url, KISFEED_URL)."
                : "The port answers, but does not accept the WebSocket: try again in a minute, once. If this persists, ask the broker whether the address or the app key is blocked.";
            return [KeyOf(times), new Finding(WebSocket, FindingStatus.Failed, FailureText.Of(e)) { Advice = advice, ExitCode = ExitCode.Of(e) }];
        }
        catch (KisFeedException e)
        {
            return [new Finding(ApprovalKey, FindingStatus.Failed, FailureText.Of(e)) { Advice = "The REST service does not answer: try again in a minute.", ExitCode = ExitCode.Of(e) }];
        }
    }

    private static Finding KeyOf(ConnectTimings times) =>
        new(ApprovalKey, FindingStatus.Ok, times.IsKeyRequested ? $"issued in {Milliseconds(times.ApprovalTime)}" : "an earlier one is still valid");

    private static string AdviceOn(ApprovalKeyException failure, KisEnvironment environment) => (failure.Failure, failure.ErrorCode) switch
    {
        (ApprovalKeyFailure.BadCredentials, "EGW00105") => "The app secret does not belong to this app key: copy both again from KIS Developers.",
        (ApprovalKeyFailure.BadCredentials, _) => $"Copy the app key again from KIS Developers. Production and mock have separate app keys; this run uses {(environment == KisEnvironment.Mock ? "mock" : "production")} (--env).",
        (ApprovalKeyFailure.TooManyRequests, _) => "Wait a minute and run this again, once. The broker issues one approval key per second.",
        (ApprovalKeyFailure.Rejected, null) => "The server there is not the broker's service: check the address (--rest, KISFEED_REST, or --url).",
        (ApprovalKeyFailure.Rejected, _) => "The broker's code states the reason; check that the app key is still valid and may use this service.",
        _ => "The REST service fails or cannot be reached: try again later. The broker announces maintenance on KIS Developers.",
    };

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0} ms";
}

/// <summary>
/// Measures the requests for the approval key and the WebSocket by the events of .NET's HTTP client, without changing the requests. Shows
/// also whether an approval key was requested at all.
/// </summary>
internal sealed class ConnectTimings(ServiceAddresses addresses, TimeProvider time) : EventListener
{
    private const string Source = "System.Net.Http";
    private const string RequestStart = "RequestStart";

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private long? _approval;
    private long? _socket;

    /// <summary>Whether an approval key was requested; otherwise an earlier one is still valid.</summary>
    public bool IsKeyRequested => Read(() => _approval is not null);

    /// <summary>Whether the WebSocket was requested, which needs an approval key.</summary>
    public bool IsSocketRequested => Read(() => _socket is not null);

    /// <summary>The duration of the request for the approval key.</summary>
    public TimeSpan ApprovalTime => Read(() => time.GetElapsedTime(_approval ?? _start, _socket ?? time.GetTimestamp()));

    /// <summary>The time since the WebSocket was requested.</summary>
    public TimeSpan SocketTime => Read(() => time.GetElapsedTime(_socket ?? _start));

    private T Read<T>(Func<T> value)
    {
        lock (_gate)
            return value();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
            EnableEvents(eventSource, EventLevel.Informational);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is not { EventName: RequestStart, Payload: [_, string host, int port, string path, ..] })
            return;
        lock (_gate)
        {
            if (IsAt(addresses.Rest) && path.StartsWith(KisEndpoints.ApprovalPath, StringComparison.Ordinal))
                _approval ??= time.GetTimestamp();
            else if (IsAt(addresses.WebSocket))
                _socket ??= time.GetTimestamp();
        }

        bool IsAt(Uri address) => port == address.Port && host.Equals(address.IdnHost, StringComparison.OrdinalIgnoreCase);
    }
}
