using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Simulator;
using KisFeed.Wire.Control;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Order notices, which are encrypted separately for each consumer.</summary>
public sealed class NoticeTests
{
    private const string Notices = "H0IFCNI0";

    [Fact]
    public async Task Notices_are_sent_to_the_consumers_of_their_HTS_ID_each_with_its_own_key()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 200 });
        await using var anna = await testGateway.ConnectAsync();
        await using var annasOther = await testGateway.ConnectAsync();
        await using var boris = await testGateway.ConnectAsync();
        await using var unauthenticated = await testGateway.ConnectAsync();
        FeedClient[] clients = [anna, annasOther, boris];
        string[] ids = ["Anna", "Anna", "boris"];
        var ciphers = new List<NoticeCipher>();
        for (var i = 0; i < clients.Length; i++)
            ciphers.Add(new NoticeCipher((await clients[i].RegisterAsync(Notices, ids[i])).NoticeKey!));
        await unauthenticated.RegisterAsync(TestGateway.Index, "0001");

        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < clients.Length; i++)
            {
                var frame = await clients[i].ReceiveFrameAsync();
                frame.ShouldStartWith($"1|{Notices}|001|");
                TestFrames.Decrypt(ciphers[i], frame).ShouldNotBeNull().ShouldStartWith($"0|{Notices}|001|{ids[i]}^");
                foreach (var other in ciphers.Where(cipher => cipher != ciphers[i]))
                    TestFrames.Decrypt(other, frame).ShouldBeNull();
            }

            (await unauthenticated.ReceiveFrameAsync()).ShouldStartWith($"0|{TestGateway.Index}|");
        }

        testGateway.Simulator.Statistics.Registrations.ShouldBe(3);
        testGateway.Status.Registrations.Where(r => r.TrId == Notices).ShouldAllBe(r => r.Key == null);
        testGateway.Status.Totals.NoticesWithheld.ShouldBe(0);
        ciphers.ForEach(cipher => cipher.Dispose());
    }

    [Fact]
    public async Task An_HTS_ID_receives_only_its_own_notices_while_others_register_and_release()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 20_000 }, options => options with { ReleaseGrace = TimeSpan.Zero });
        await using var boris = await testGateway.ConnectAsync();
        using var cipher = new NoticeCipher((await boris.RegisterAsync(Notices, "boris")).NoticeKey!);
        var reading = Task.Run(async () =>
        {
            while (await boris.ReceiveAsync() is { } text)
            {
                if (text[0] == '1')
                    boris.Frames.Add(text);
                else if (text.Contains("PINGPONG", StringComparison.Ordinal))
                    await boris.SendAsync(text);
            }
        });

        await using var other = await testGateway.ConnectAsync();
        for (var round = 0; round < 20; round++)
        {
            (await other.RegisterAsync(Notices, "Anna")).IsSuccess.ShouldBeTrue();
            var before = other.Frames.Count;
            while (other.Frames.Count < before + 20)
                other.Frames.Add((await other.ReceiveAsync()).ShouldNotBeNull());
            await other.ReleaseAsync(Notices, "Anna");
        }

        await testGateway.Gateway.StopAsync();
        await reading;
        boris.Frames.Count.ShouldBeGreaterThan(100);
        boris.Frames.ShouldAllBe(frame => TestFrames.Decrypt(cipher, frame)!.StartsWith($"0|{Notices}|001|boris^"));
    }

    [Fact]
    public async Task A_second_HTS_ID_does_not_affect_the_first_however_notices_spell_their_customers()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 2_000, Faults = new SimulatorFaults { OtherCustomer = true } });
        await using var anna = await testGateway.ConnectAsync();
        using var annas = new NoticeCipher((await anna.RegisterAsync(Notices, "Anna")).NoticeKey!);
        TestFrames.Decrypt(annas, await anna.ReceiveFrameAsync()).ShouldNotBeNull().ShouldStartWith($"0|{Notices}|001|aNNA ^");
        await using var boris = await testGateway.ConnectAsync();
        using var boriss = new NoticeCipher((await boris.RegisterAsync(Notices, "boris")).NoticeKey!);

        for (var i = 0; i < 20; i++)
        {
            TestFrames.Decrypt(boriss, await boris.ReceiveFrameAsync()).ShouldNotBeNull().ShouldStartWith($"0|{Notices}|001|BORIS ^");
            TestFrames.Decrypt(annas, await anna.ReceiveFrameAsync()).ShouldNotBeNull().ShouldStartWith($"0|{Notices}|001|aNNA ^");
        }

        testGateway.Status.Totals.NoticesWithheld.ShouldBe(0);
    }

    [Fact]
    public async Task An_unreadable_notice_is_a_gap_for_every_possible_HTS_ID()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 2_000, Faults = new SimulatorFaults { BadUtf8 = 0.2 } });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=notice:Anna,notice:boris");
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Gateway.WebSocketUrl));
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "Anna");

        foreach (var htsId in (string[])["Anna", "boris"])
        {
            await stream.UntilAsync(e => IsUnreadable(e, "interruption", htsId));
            await stream.UntilAsync(e => IsUnreadable(e, "gap", htsId));
        }

        using var deadline = new CancellationTokenSource(Patience.Limit);
        var isInterrupted = false;
        await foreach (var item in notices.ReadItemsAsync(deadline.Token))
        {
            isInterrupted |= item.Event is Interruption { Reason: GapReason.Unreadable };
            if (isInterrupted && item.Event is Gap { Reason: GapReason.Unreadable })
                break;
        }

        isInterrupted.ShouldBeTrue();
        testGateway.Status.Totals.NoticesWithheld.ShouldBeGreaterThan(0);
    }

    private static bool IsUnreadable(StreamEvent e, string kind, string htsId) =>
        e.Kind == kind
        && e.Key == htsId
        && e.Text("reason") == "unreadable";
}
