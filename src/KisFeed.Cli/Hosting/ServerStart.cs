using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Cli.Hosting;

/// <summary>Starts a server, and says what is wrong with its port where that is what keeps it from starting.</summary>
internal static class ServerStart
{
    /// <summary>Runs what starts the server.</summary>
    /// <exception cref="CommandException">The port cannot be used.</exception>
    public static async Task<TServer> RunAsync<TServer>(Func<Task<TServer>> start, int port, string address)
    {
        try
        {
            return await start();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandException($"another program listens at port {port} of {address}; '--port 0' takes a free one", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException($"port {port} of {address} cannot be used: {e.Message}", e);
        }
    }
}
