namespace KisFeed.Replay;

/// <summary>What a replay server is doing, at one moment.</summary>
/// <param name="Sessions">WebSocket connections that are open.</param>
/// <param name="Registrations">Registrations that stand, over all sessions.</param>
/// <param name="FramesPlayed">Frames of the capture whose time has come, whether or not anybody was registered for them, over all clocks.</param>
/// <param name="FramesSent">Data frames queued for clients.</param>
/// <param name="Position">When the last frame played was received; <see langword="null"/> before the first.</param>
/// <param name="Problems">Problems met in the capture, each time it was read.</param>
/// <param name="UnclaimedNotices">Order notices that were sent to nobody, being for none of the HTS IDs registered.</param>
/// <param name="ConnectionsAccepted">WebSocket handshakes done.</param>
/// <param name="ApprovalKeysIssued">Approval keys issued.</param>
public sealed record ReplayStatistics(
    int Sessions,
    int Registrations,
    long FramesPlayed,
    long FramesSent,
    DateTimeOffset? Position,
    long Problems,
    long UnclaimedNotices,
    long ConnectionsAccepted,
    long ApprovalKeysIssued);
