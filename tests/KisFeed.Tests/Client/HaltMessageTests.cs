using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>The messages of halted sessions: they say what to check.</summary>
public sealed class HaltMessageTests
{
    [Fact]
    public async Task The_message_for_refused_approval_keys_names_the_settings_to_check()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse("refuse=OPSP0011") });

        (await GetHaltMessageAsync(OptionsFor(server), HaltReason.ApprovalKeyRefused))
            .ShouldEndWith("check that the WebSocket address, the REST address and the environment belong together");
    }

    [Fact]
    public async Task The_message_for_a_silent_server_suggests_a_longer_timeout()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            while (await ScriptedServer.ReceiveAsync(socket) is not null)
            {
                // Sends nothing.
            }
        });

        (await GetHaltMessageAsync(server.Options, HaltReason.Silent))
            .ShouldEndWith("if the service is merely quiet, allow a longer time without messages than 0.3 s");
    }

    // The message is read by users of the command too, so it names no member of the library.
    private static async Task<string> GetHaltMessageAsync(KisFeedOptions options, HaltReason reason)
    {
        options = options with
        {
            Reconnect = QuickReconnect with { GiveUpAfter = TimeSpan.FromMilliseconds(400) },
            WatchdogTimeout = TimeSpan.FromMilliseconds(300),
            ReplyTimeout = TimeSpan.FromSeconds(30),
        };
        await using var client = await KisFeedClient.ConnectAsync(options);
        var subscribing = client.SubscribeAsync(IndexTrade.Feed, "0001");
        var lost = await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit));
        lost.Reason.ShouldBe(reason);
        lost.Message.ShouldNotContain(nameof(KisFeedOptions));
        (await Should.ThrowAsync<ConnectionLostException>(subscribing)).Reason.ShouldBe(reason);
        return lost.Message;
    }
}
