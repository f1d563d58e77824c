namespace KisFeed.Server.Protocol;

/// <summary>Counters of a server's sessions. They are changed with <see cref="Interlocked"/> only.</summary>
internal sealed class ServerCounters
{
    public int Sessions;

    /// <summary>Current registrations of all sessions.</summary>
    public int Registrations;

    /// <summary>Data frames queued for clients.</summary>
    public long Frames;

    /// <summary>Records in those frames.</summary>
    public long Records;

    /// <summary>Completed WebSocket handshakes.</summary>
    public long Connections;

    /// <summary>Approval keys issued.</summary>
    public long ApprovalKeys;
}
