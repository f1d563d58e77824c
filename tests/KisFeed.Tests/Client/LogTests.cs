using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class LogTests
{
    private const string Record = "005930^092237^1^2^3^4^2^2^5^6^1";

    [Fact]
    public async Task No_secret_is_logged()
    {
        using var loggers = new RecordingLoggerFactory();
        await using var server = await StartAsync(options: new SimulatorOptions { LoggerFactory = loggers, HtsId = "HtsId" });
        await using (var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { LoggerFactory = loggers }))
        {
            await using var notice = await client.SubscribeAsync(OrderNotice.Feed, "HtsId");
            await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(OrderNotice.Feed, "other"));
            var record = (await TakeAsync(notice.ReadAllAsync(), 1))[0];
            var text = string.Join('\n', loggers.Lines.Append(record.ToString()).Append(OptionsFor(server).ToString()));
            text.ShouldContain("Registered H0IFCNI0");
            text.ShouldNotContain(AppKey);
            text.ShouldNotContain(AppSecret);
            text.ShouldNotContain(record.AccountNumber!);
        }
    }

    [Fact]
    public async Task Secrets_repeated_by_a_server_are_redacted_in_logs_and_exceptions()
    {
        const string ApprovalKey = "11111111-2222-3333-4444-555555555555";
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            var secrets = $"{ApprovalKey} {new string('s', 180)}";
            await ScriptedServer.ReceiveAsync(socket);
            await ScriptedServer.SendAsync(socket, Reply("OPSP8992", secrets));
            await ScriptedServer.SendAsync(socket, Reply("OPSP0007", secrets));
            await ScriptedServer.SendAsync(socket, Reply("OPSP0011", secrets));
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var loggers = new RecordingLoggerFactory();
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { LoggerFactory = loggers });
        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));
        var loss = await Should.ThrowAsync<ConnectionLostException>(client.Completion);
        var text = string.Join('\n', [.. loggers.Lines, refusal.ToString(), refusal.BrokerText, loss.ToString()]);
        foreach (var id in new[] { " 1103 ", " 1104 ", " 1005 " })
            text.ShouldContain(id);
        text.ShouldContain("*** ***");
        text.ShouldNotContain(ApprovalKey);
        text.ShouldNotContain(new string('s', 180));

        static string Reply(string code, string text) =>
            $$$"""{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"{{{code}}}","msg1":"{{{text}}}"}}""";
    }

    [Fact]
    public async Task Repeated_answers_are_logged_a_limited_number_of_times()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await ScriptedServer.SendAsync(
                    socket, """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0007","msg1":"x"}}""");
            }
            await ScriptedServer.SendAsync(socket, "0|H0UNPGM0|001|" + Record);
        });
        using var loggers = new RecordingLoggerFactory();
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { LoggerFactory = loggers });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await TakeAsync(program.ReadAllAsync(), 1);
        loggers.Lines.Count(m => m.Contains(" 1104 ", StringComparison.Ordinal)).ShouldBe(10);
    }
}
