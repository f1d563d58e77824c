using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace KisFeed.Server;

/// <summary>
/// Takes the port of a server before anything else is begun, so that a port that is taken is found while nobody has been asked for anything. Who connects from then on waits until the server
/// that the socket is given to accepts.
/// </summary>
internal static class ListenSocket
{
    private const int QueueDepth = 512; // As Kestrel has it.

    /// <summary>Begins to listen. The caller disposes of the socket, unless a server has started with it.</summary>
    /// <exception cref="IOException">The port is taken, with an <see cref="AddressInUseException"/> inside, as Kestrel says it.</exception>
    /// <exception cref="SocketException">It cannot be listened at for another reason.</exception>
    public static Socket Open(IPEndPoint endPoint)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            socket.Listen(QueueDepth);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket?.Dispose();
            throw new IOException($"Failed to bind to address {endPoint}: address already in use.", new AddressInUseException(e.Message, e));
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
