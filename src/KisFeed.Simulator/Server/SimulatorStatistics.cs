namespace KisFeed.Simulator;

/// <summary>What a simulator is doing, at one moment.</summary>
/// <param name="Sessions">WebSocket connections that are open.</param>
/// <param name="Registrations">Registrations that stand, over all sessions.</param>
/// <param name="FramesSent">Data frames queued for clients since the start.</param>
/// <param name="RecordsSent">Records in those frames.</param>
public sealed record SimulatorStatistics(int Sessions, int Registrations, long FramesSent, long RecordsSent);
