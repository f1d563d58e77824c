using System.Diagnostics.Tracing;

namespace KisFeed.Cli.Diagnosis;

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
