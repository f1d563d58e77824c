using System.Net.WebSockets;
using KisFeed.Feeds;
using Microsoft.Extensions.Logging;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>However a session ends, it ends for all consumers, once, and leaves nothing open.</summary>
public sealed class EndingTests
{
    private const string Record = "005930^092237^1^2^3^4^2^2^5^6^1";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Disposing_a_client_again_or_at_the_same_time_does_no_harm()
    {
        await using var server = await StartAsync();
        var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await client.DisposeAsync()))).WaitAsync(s_patience);
        await client.DisposeAsync();
        await client.Completion.WaitAsync(s_patience);
    }

    [Fact]
    public async Task A_client_whose_connection_was_lost_can_be_disposed_twice()
    {
        await using var server = await StartAsync();
        var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await server.StopAsync();
        await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(s_patience));
        await client.DisposeAsync();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_closes_is_answered_before_the_client_is_disposed()
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "end of day", CancellationToken.None);
            if (await ScriptedServer.ReceiveAsync(socket) is null)
                answered.SetResult();
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await answered.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task A_refused_session_says_goodbye_before_the_client_is_disposed()
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.SendAsync(socket, """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}""");
            await ScriptedServer.ReceiveAsync(socket);
            closed.SetResult(socket.CloseStatus);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(s_patience));
        (await closed.Task.WaitAsync(s_patience)).ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task A_server_that_takes_no_answers_to_its_heartbeats_is_given_up()
    {
        var heartbeat = $$$"""{"header":{"tr_id":"PINGPONG","padding":"{{{new string('x', 200_000)}}}"}}""";
        var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            // Fewer than the limit on their number.
            for (var i = 0; i < 250; i++)
                await ScriptedServer.SendAsync(socket, heartbeat);
            await givenUp.Task;
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        (await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(s_patience))).Message.ShouldContain("does not read messages");
        givenUp.SetResult();
    }

    [Fact]
    public async Task A_logger_that_throws_harms_nobody()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            await ScriptedServer.SendAsync(socket, "0|H0UNPGM0|001|too^few");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
        });
        using var loggers = new ThrowingLoggers();
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { LoggerFactory = loggers });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        (await TakeAsync(program.ReadItemsAsync(), 3)).Count(item => item.IsRecord).ShouldBe(2);
        loggers.HasThrown.ShouldBeTrue();
    }

    private sealed class ThrowingLoggers : ILoggerFactory, ILogger
    {
        public bool HasThrown { get; private set; }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Warning)
                return;
            HasThrown = true;
            throw new NotSupportedException("the disk is full");
        }

        public void Dispose()
        {
        }
    }
}
