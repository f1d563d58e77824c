namespace KisFeed.Server.Protocol;

/// <summary>Counters of a server's sessions. Thread-safe.</summary>
internal sealed class ServerCounters
{
    public Counter Sessions { get; } = new();

    /// <summary>Current registrations of all sessions.</summary>
    public Counter Registrations { get; } = new();

    /// <summary>Data frames queued for clients.</summary>
    public Counter Frames { get; } = new();

    /// <summary>Records in those frames.</summary>
    public Counter Records { get; } = new();

    /// <summary>Completed WebSocket handshakes.</summary>
    public Counter Connections { get; } = new();

    /// <summary>Approval keys issued.</summary>
    public Counter ApprovalKeys { get; } = new();
}

/// <summary>A number that is counted up and down. Thread-safe.</summary>
internal sealed class Counter
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Add(long count = 1) => Interlocked.Add(ref _value, count);
}
