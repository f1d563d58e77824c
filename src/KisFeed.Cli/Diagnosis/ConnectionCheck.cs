using System.Diagnostics.Tracing;
using System.Globalization;
using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Whether there is an approval key to be had, and a WebSocket connection. It is attempted once.</summary>
internal sealed class ConnectionCheck : ICheck
{
    private const string ApprovalKey = "approval key";
    private const string WebSocket = "WebSocket";

    public string Name => "connection";

    public bool IsNeeded => true;

    public async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
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
            return [new Finding(ApprovalKey, FindingStatus.Failed, e.Message) { Advice = AdviceOn(e, context.Options.Environment), ExitCode = ExitCode.Of(e) }];
        }
        catch (KisFeedException e) when (times.IsSocketAskedFor)
        {
            var advice = e is ConnectionFailedException { IsRejected: true }
                ? "Something else than the broker's service answers there: check the address, its port and its path (--url, KISFEED_URL)."
                : "The port answers, but makes no WebSocket connection: try again in a minute, once. If it stays so, ask the broker whether the address or the app key is blocked.";
            return [KeyOf(times), new Finding(WebSocket, FindingStatus.Failed, e.Message) { Advice = advice, ExitCode = ExitCode.Of(e) }];
        }
        catch (KisFeedException e)
        {
            return [new Finding(ApprovalKey, FindingStatus.Failed, e.Message) { Advice = "The REST service does not answer: try again in a minute.", ExitCode = ExitCode.Of(e) }];
        }
    }

    private static Finding KeyOf(ConnectTimings times) =>
        new(ApprovalKey, FindingStatus.Ok, times.IsKeyAskedFor ? $"issued in {Milliseconds(times.ApprovalTime)}" : "a valid one was kept since earlier");

    private static string AdviceOn(ApprovalKeyException failure, KisEnvironment environment) => (failure.Failure, failure.ErrorCode) switch
    {
        (ApprovalKeyFailure.BadCredentials, "EGW00105") => "The app secret does not belong to this app key: copy both anew from KIS Developers.",
        (ApprovalKeyFailure.BadCredentials, _) => $"Copy the app key anew from KIS Developers. Production and mock have app keys of their own; this asks for {(environment == KisEnvironment.Mock ? "mock" : "production")} (--env).",
        (ApprovalKeyFailure.TooManyRequests, _) => "Wait a minute and run this again, once. The broker issues one approval key a second.",
        (ApprovalKeyFailure.Rejected, null) => "Something else than the broker's service answers there: check the address (--rest, KISFEED_REST, or --url).",
        (ApprovalKeyFailure.Rejected, _) => "The broker's code says why; check that the app key is valid still and may use this service.",
        _ => "The REST service fails or cannot be reached: try again later. The broker announces its maintenance on KIS Developers.",
    };

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
}

/// <summary>
/// Notes when the approval key and when the WebSocket is asked for, from what .NET's HTTP client tells of its requests. Changes nothing of them;
/// tells whether an approval key was asked for at all.
/// </summary>
internal sealed class ConnectTimings(ServiceAddresses addresses, TimeProvider time) : EventListener
{
    private const string Source = "System.Net.Http";
    private const string RequestStart = "RequestStart";

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private long? _approval;
    private long? _socket;

    /// <summary>Whether an approval key was asked for; otherwise there was one that is valid still.</summary>
    public bool IsKeyAskedFor
    {
        get
        {
            lock (_gate)
                return _approval is not null;
        }
    }

    /// <summary>Whether it came as far as asking for the WebSocket, for which an approval key is needed.</summary>
    public bool IsSocketAskedFor
    {
        get
        {
            lock (_gate)
                return _socket is not null;
        }
    }

    /// <summary>How long the approval key took.</summary>
    public TimeSpan ApprovalTime
    {
        get
        {
            lock (_gate)
                return time.GetElapsedTime(_approval ?? _start, _socket ?? time.GetTimestamp());
        }
    }

    /// <summary>How long the WebSocket has taken until now.</summary>
    public TimeSpan SocketTime
    {
        get
        {
            lock (_gate)
                return time.GetElapsedTime(_socket ?? _start);
        }
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
