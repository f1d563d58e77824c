namespace KisFeed.Simulator.Server;

/// <summary>A connection, the faults upon it, and the session that it serves.</summary>
internal sealed class ServedConnection(WebSocketConnection connection, FaultyConnection faulty, IClientSession session)
{
    public long Id => connection.Id;

    public Task RunAsync() => connection.RunAsync(session);

    /// <summary>Breaks it off now. May be called until <see cref="RunAsync"/> has ended, and without effect after.</summary>
    public void Cut() => connection.Cut();

    /// <summary>Sends nothing any more on it, and keeps it open.</summary>
    public void Silence() => connection.Silence();

    /// <summary>Closes it because the server stops.</summary>
    public void Stop() => connection.Stop();

    public SimulatorSession Describe() => new(Id, session.RegistrationCount, faulty.FramesSent, connection.IsSilent);
}
