using System.Net;
using System.Net.Sockets;

namespace KisFeed.TestSupport;

/// <summary>
/// A port on which nobody else listens, even while its test has stopped its server. The system does not assign it to others, because it is
/// below the ephemeral ports, and a UDP socket on the same number keeps other tests from taking it, also those of other processes.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private const int First = 22_000;
    private const int Last = 32_000;

    private readonly Socket _reservation;

    private ReservedPort(Socket reservation)
    {
        _reservation = reservation;
        Number = ((IPEndPoint)reservation.LocalEndPoint!).Port;
    }

    public int Number { get; }

    public static ReservedPort Take()
    {
        while (true)
        {
            var endPoint = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(First, Last));
            if (TryBind(endPoint, SocketType.Dgram, ProtocolType.Udp) is not { } reservation)
                continue;
            if (TryBind(endPoint, SocketType.Stream, ProtocolType.Tcp) is { } probe)
            {
                probe.Dispose();
                return new ReservedPort(reservation);
            }

            reservation.Dispose();
        }
    }

    public void Dispose() => _reservation.Dispose();

    private static Socket? TryBind(IPEndPoint endPoint, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(endPoint);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
