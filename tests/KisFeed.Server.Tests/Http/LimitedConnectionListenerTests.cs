using System.Net;
using System.Net.Sockets;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Http;

public sealed class LimitedConnectionListenerTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task Connections_over_the_limit_are_closed_until_another_ends()
    {
        var refused = 0;
        await using var listener = await new LimitedConnectionListenerFactory(null, 2, () => refused++, NullLogger.Instance)
            .BindAsync(s_anyPort);
        var accepted = new List<ConnectionContext>();
        using var first = await ConnectAsync(listener);
        using var second = await ConnectAsync(listener);
        accepted.Add((await listener.AcceptAsync()).ShouldNotBeNull());
        accepted.Add((await listener.AcceptAsync()).ShouldNotBeNull());
        var next = listener.AcceptAsync().AsTask();
        (await IsEndedAsync(listener, next)).ShouldBeTrue();
        next.IsCompleted.ShouldBeFalse();
        refused.ShouldBe(1);

        await accepted[0].DisposeAsync();
        await Patience.UntilAsync(async () => !await IsEndedAsync(listener, next));

        accepted.Add((await next.WaitAsync(Patience.Limit)).ShouldNotBeNull());
        foreach (var connection in accepted.Skip(1))
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_accepted_after_unbinding()
    {
        var listener = await new LimitedConnectionListenerFactory(null, 2, null, NullLogger.Instance).BindAsync(s_anyPort);
        var next = listener.AcceptAsync().AsTask();
        await listener.UnbindAsync();
        (await next.WaitAsync(Patience.Limit)).ShouldBeNull();
        (await listener.AcceptAsync()).ShouldBeNull();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_an_error()
    {
        await using var listener = await new LimitedConnectionListenerFactory(null, 2, null, NullLogger.Instance).BindAsync(s_anyPort);
        await Should.ThrowAsync<IOException>(
            async () => await new LimitedConnectionListenerFactory(null, 2, null, NullLogger.Instance).BindAsync(listener.EndPoint));
    }

    private static async Task<Socket> ConnectAsync(IConnectionListener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.EndPoint);
        return socket;
    }

    // Whether a new client is closed by the server.
    private static async Task<bool> IsEndedAsync(IConnectionListener listener, Task accepting)
    {
        try
        {
            using var socket = await ConnectAsync(listener);
            var reading = socket.ReceiveAsync(new byte[1]);
            await Task.WhenAny(reading, accepting).WaitAsync(Patience.Limit);
            return !accepting.IsCompleted && await reading == 0;
        }
        catch (SocketException)
        {
            return true; // Reset, possibly before the connect returned.
        }
    }
}
