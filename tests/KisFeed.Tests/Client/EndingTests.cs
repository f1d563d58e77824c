using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Every end of a session ends all its consumers, once, and leaves nothing open.</summary>
public sealed class EndingTests
{
    private const string Record = "005930^092237^1^2^3^4^2^2^5^6^1";

    [Fact]
    public async Task Disposing_a_client_repeatedly_or_concurrently_is_safe()
    {
        await using var server = await StartAsync();
        var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await client.DisposeAsync()))).WaitAsync(Patience.Limit);
        await client.DisposeAsync();
        await client.Completion.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task A_client_whose_connection_was_lost_can_be_disposed_twice()
    {
        await using var server = await StartAsync();
        var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await server.StopAsync();
        await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit));
        await client.DisposeAsync();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_close_by_the_server_is_acknowledged()
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "end of day", CancellationToken.None);
            if (await ScriptedServer.ReceiveAsync(socket) is null)
                answered.SetResult();
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await answered.Task.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task A_refused_session_sends_a_close_frame()
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.SendAsync(
                socket, """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}""");
            await ScriptedServer.ReceiveAsync(socket);
            closed.SetResult(socket.CloseStatus);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit));
        (await closed.Task.WaitAsync(Patience.Limit)).ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task A_connection_whose_server_does_not_read_heartbeat_replies_is_aborted()
    {
        var heartbeat = $$$"""{"header":{"tr_id":"PINGPONG","padding":"{{{new string('x', 200_000)}}}"}}""";
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            // Fewer than the limit on their number.
            for (var i = 0; i < 250; i++)
                await ScriptedServer.SendAsync(socket, heartbeat);
            await aborted.Task;
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        (await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit))).Message
            .ShouldContain("does not read messages");
        aborted.SetResult();
    }

    [Fact]
    public async Task An_exception_of_a_logger_does_not_affect_the_client()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            await ScriptedServer.SendAsync(socket, "0|H0UNPGM0|001|too^few");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
        });
        var hasThrown = false;
        using var loggers = new RecordingLoggerFactory(new FakeLogCollectorOptions
        {
            FilteredLevels = new HashSet<LogLevel> { LogLevel.Warning, LogLevel.Error, LogLevel.Critical },
            OutputSink = _ =>
            {
                hasThrown = true;
                throw new NotSupportedException("the disk is full");
            },
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { LoggerFactory = loggers });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        (await TakeAsync(program.ReadItemsAsync(), 3)).Count(item => item.IsRecord).ShouldBe(2);
        hasThrown.ShouldBeTrue();
    }
}
