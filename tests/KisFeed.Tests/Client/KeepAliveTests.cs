namespace KisFeed.Tests.Client;

public sealed class KeepAliveTests
{
    [Fact]
    public async Task Dotnet_sends_no_pongs_of_its_own()
    {
        await using var server = await ScriptedServer.StartAsync(ScriptedServer.ReceiveAsync);
        using var socket = await MessageSocket.ConnectAsync(new Uri(server.Url, "/tryitout"), 1024, clientCertificate: null, CancellationToken.None);
        socket.KeepAliveInterval.ShouldBe(TimeSpan.Zero, "the service drops a connection on which they arrive");
        await socket.CloseAsync(TimeProvider.System);
    }
}
