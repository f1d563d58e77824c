using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Cli.Hosting;

/// <summary>Starts a server and explains errors that concern its port or an option.</summary>
internal static class ServerStart
{
    public static async Task<TServer> RunAsync<TServer>(Func<Task<TServer>> start, int port, string address)
    {
        try
        {
            return await start();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandException($"another program listens on port {port} of {address}; '--port 0' uses a free port", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException($"port {port} of {address} cannot be used: {e.Message}", e);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
