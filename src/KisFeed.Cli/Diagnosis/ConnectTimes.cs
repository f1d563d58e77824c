using System.Diagnostics.Tracing;

namespace KisFeed.Cli.Diagnosis;

/// <summary>
/// Notes when the approval key and when the WebSocket is asked for, from what .NET's HTTP client tells of its requests. Changes nothing of them;
/// tells whether an approval key was asked for at all.
/// </summary>
internal sealed class ConnectTimes(ServiceAddresses addresses, TimeProvider time) : EventListener
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
