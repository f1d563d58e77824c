using KisFeed.Server;

namespace KisFeed.Simulator;

/// <summary>What a simulator is doing, at one moment.</summary>
/// <param name="Sessions">WebSocket connections that are open and served.</param>
/// <param name="Registrations">Registrations that stand, over all sessions.</param>
/// <param name="FramesSent">Data frames queued for clients since the start.</param>
/// <param name="RecordsSent">Records in those frames.</param>
/// <param name="ConnectionsAccepted">WebSocket handshakes done since the start, those of connections that were closed at once among them.</param>
/// <param name="ApprovalKeysIssued">Approval keys issued since the start.</param>
public sealed record SimulatorStatistics(
    int Sessions, int Registrations, long FramesSent, long RecordsSent, long ConnectionsAccepted, long ApprovalKeysIssued)
{
    internal static SimulatorStatistics Of(ServerCounters counters) =>
        new(counters.Sessions, counters.Registrations, counters.Frames, counters.Records, counters.Connections, counters.ApprovalKeys);
}
