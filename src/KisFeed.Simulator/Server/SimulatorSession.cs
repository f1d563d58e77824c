using KisFeed.Server;

namespace KisFeed.Simulator;

/// <summary>A WebSocket connection that is open, at one moment.</summary>
/// <param name="Number">Its number, the one in the log: connections are numbered from 1 in the order in which they came.</param>
/// <param name="Registrations">Its registrations that stand.</param>
/// <param name="FramesSent">Data frames queued for its client.</param>
/// <param name="IsSilent">Whether nothing is sent on it any more.</param>
public sealed record SimulatorSession(long Number, int Registrations, long FramesSent, bool IsSilent)
{
    internal static SimulatorSession Of(ServedConnection connection) => new(connection.Id, connection.RegistrationCount, connection.FramesSent, connection.IsSilent);
}
