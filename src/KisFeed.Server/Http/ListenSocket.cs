using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace KisFeed.Server.Http;

/// <summary>
/// Binds the port of a server before anything else starts, so that a port in use is found before any other request is made. Clients that
/// connect from then on wait until the server that gets the socket accepts them.
/// </summary>
internal static class ListenSocket
{
    private const int QueueDepth = 512; // Kestrel's default.

    /// <summary>Starts to listen. The caller disposes of the socket unless a server has started with it.</summary>
    /// <exception cref="IOException">The port is in use. Like Kestrel's, the exception contains an
    /// <see cref="AddressInUseException"/>.</exception>
    /// <exception cref="SocketException">Listening failed for another reason.</exception>
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
            throw new IOException(
                $"Failed to bind to address {endPoint}: address already in use.", new AddressInUseException(e.Message, e));
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
