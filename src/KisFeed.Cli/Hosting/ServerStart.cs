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
            throw new CommandException(UiText.Of(
                $"another program listens on port {port} of {address}; '--port 0' uses a free port",
                $"다른 프로그램이 {address}의 {port} 포트를 쓰고 있습니다. 빈 포트를 쓰려면 '--port 0'을 지정하세요"), e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException(UiText.Of(
                $"port {port} of {address} cannot be used: {e.Message}",
                $"{address}의 {port} 포트를 쓸 수 없습니다: {e.Message}"), e);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
