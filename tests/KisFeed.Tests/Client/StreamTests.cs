using System.Net.WebSockets;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class StreamTests
{
    private const string Record = "005930^092237^1^2^3^4^2^2^5^6^1";

    [Fact]
    public async Task A_lost_connection_ends_streams_with_an_error_after_all_received_records()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            for (var i = 0; i < 100; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "maintenance", CancellationToken.None);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var read = 0;
        var error = await Should.ThrowAsync<ConnectionLostException>(async () =>
        {
            await foreach (var record in program.ReadAllAsync())
                read++;
        });
        read.ShouldBe(100);
        error.Message.ShouldContain("maintenance");
        await Should.ThrowAsync<ConnectionLostException>(client.Completion);
    }

    [Fact]
    public async Task Disposing_the_client_sends_a_close_frame_and_ends_streams_without_an_error()
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.ReceiveAsync(socket);
            closed.SetResult(socket.CloseStatus);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        var client = await KisFeedClient.ConnectAsync(server.Options);
        var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await client.DisposeAsync();
        (await closed.Task).ShouldBe(WebSocketCloseStatus.NormalClosure);
        (await TakeAsync(program.ReadAllAsync(), int.MaxValue)).ShouldBeEmpty();
        await client.Completion;
        await program.DisposeAsync();
    }

    [Fact]
    public async Task Heartbeats_are_echoed_unchanged()
    {
        const string heartbeat = """{"header":{"tr_id":"PINGPONG","datetime":"20261120093001"}}""";
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.SendAsync(socket, heartbeat);
            answer.SetResult(await ScriptedServer.ReceiveAsync(socket));
            await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        (await answer.Task).ShouldBe(heartbeat);
    }

    [Fact]
    public async Task Fragments_and_large_frames_are_received_completely()
    {
        var records = string.Join('^', Enumerable.Repeat(Record, 2_000));
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, "0|H0UNPGM", endOfMessage: false);
            await ScriptedServer.SendAsync(socket, "0|001|005930^0922", endOfMessage: false);
            await ScriptedServer.SendAsync(socket, Record[11..]);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|2000|{records}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        (await TakeAsync(program.ReadAllAsync(), 2_001))
            .ShouldAllBe(r => r.Code == "005930" && r.RestingNetVolume == 1 && r.Time == new TimeOnly(9, 22, 37));
    }

    [Fact]
    public async Task A_message_over_the_limit_is_reported_and_the_next_one_arrives()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{new string('x', 100_000)}{new string('y', 100_000)}");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { MaxMessageBytes = 20_000 });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var items = await TakeAsync(program.ReadItemsAsync(), 2);
        var malformed = items[0].Event.ShouldBeOfType<MalformedFrame>();
        malformed.Error.Kind.ShouldBe(FrameErrorKind.TooLong);
        Encoding.UTF8.GetString(malformed.Raw.Span).ShouldBe($"0|H0UNPGM0|001|{new string('x', 20_000 - 15)}", "the unchanged beginning");
        items[1].Record.Code.ShouldBe("005930");
    }

    [Fact]
    public async Task A_message_of_exactly_the_limit_is_accepted_and_a_longer_one_is_not()
    {
        var longest = $"0|H0UNPGM0|001|{Record}{new string(' ', 2_048 - 15 - Record.Length)}";
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, longest, endOfMessage: false);
            await ScriptedServer.SendAsync(socket, "");
            await ScriptedServer.SendAsync(socket, longest + " ");
            await ScriptedServer.SendAsync(socket, longest);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { MaxMessageBytes = 2_048 });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        (await TakeAsync(program.ReadItemsAsync(), 3)).Select(i => i.IsRecord).ShouldBe([true, false, true]);
    }

    [Fact]
    public async Task A_malformed_record_is_reported_in_place_and_the_others_of_its_frame_arrive()
    {
        var frame = $"0|H0UNPGM0|003|{Record}^{Record.Replace("^3^", "^3x^", StringComparison.Ordinal)}^{Record}";
        await using var server = await ScriptedServer.StartAcknowledgingAsync(
            1, socket => ScriptedServer.SendAsync(socket, frame).AsTask());
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var items = await TakeAsync(program.ReadItemsAsync(), 3);
        items.Select(i => i.IsRecord).ShouldBe([true, false, true]);
        var malformed = items[1].Event.ShouldBeOfType<MalformedFrame>();
        malformed.Error.Kind.ShouldBe(FrameErrorKind.InvalidNumber);
        malformed.Error.Record.ShouldBe(1);
        malformed.Error.Column!.Element.ShouldBe("SHNU_CNQN");
        Encoding.UTF8.GetString(malformed.Raw.Span)[malformed.Error.Position..].ShouldStartWith("3x^");
        program.Malformed.ShouldBe(1);
    }

    [Fact]
    public async Task Appended_columns_are_named_by_a_layout_file_and_warned_about_once()
    {
        var layouts = LayoutFile.Parse("""{"layouts":[{"trId":"H0UNPGM0","append":["NEW_COLUMN"]}]}"""u8.ToArray());
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|{Record}^A^{Record}^B");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|{Record}^A^1^{Record}^B^2");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}^A^1");
        });
        using var loggers = new RecordingLoggerFactory();
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { Layouts = layouts, LoggerFactory = loggers });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var records = await TakeAsync(program.ReadAllAsync(), 5);
        records.Select(r => r.Extra.TryGet("NEW_COLUMN", out var value) ? value : null).ShouldBe(["A", "B", "A", "B", "A"]);
        records[3].Extra.Count.ShouldBe(2);
        records[3].Extra[1].ShouldBe("2");
        loggers.Lines.Count(m => m.Contains(" 1201 ", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_frame_of_malformed_records_is_copied_once()
    {
        var frame = "0|H0UNPGM0|5000|"
            + string.Join('^', Enumerable.Repeat(Record.Replace("^3^", "^3x^", StringComparison.Ordinal), 5_000));
        await using var server = await ScriptedServer.StartAcknowledgingAsync(
            1, socket => ScriptedServer.SendAsync(socket, frame).AsTask());
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var items = await TakeAsync(program.ReadItemsAsync(), 5_000);
        items.Select(i => ((MalformedFrame)i.Event!).Error.Record).ShouldBe(Enumerable.Range(0, 5_000));
        items.Select(i => ((MalformedFrame)i.Event!).Raw).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_message_without_a_feed_is_copied_once_for_all_subscriptions()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            await ScriptedServer.SendAsync(socket, "nonsense");
            await ScriptedServer.SendAsync(socket, "more nonsense");
        });
        using var loggers = new RecordingLoggerFactory();
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { LoggerFactory = loggers });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using var other = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");
        var first = await TakeAsync(program.ReadItemsAsync(), 2);
        var second = await TakeAsync(other.ReadItemsAsync(), 2);
        first.Select(i => ((MalformedFrame)i.Event!).Raw).ShouldBe(second.Select(i => ((MalformedFrame)i.Event!).Raw), "the same memory");
        first.Concat(second).Select(i => i.Event!.TrId).ShouldBe(["H0UNPGM0", "H0UNPGM0", "H0NXPGM0", "H0NXPGM0"]);
        first.Select(i => Encoding.UTF8.GetString(((MalformedFrame)i.Event!).Raw.Span)).ShouldBe(["nonsense", "more nonsense"]);
        loggers.Lines.Count(m => m.Contains(" 1202 ", StringComparison.Ordinal)).ShouldBe(2, "once for each message, for all recipients");
    }

    [Fact]
    public async Task A_renewed_registration_leaves_a_gap()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            await ScriptedServer.SendAsync(socket, """{"header":{"tr_id":"H0UNPGM0","tr_key":"005930"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0001","msg1":"UNSUBSCRIBE SUCCESS"}}""");
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var items = await TakeAsync(program.ReadItemsAsync(), 3);
        items.Select(i => i.IsRecord).ShouldBe([true, false, true]);
        items[1].Event.ShouldBeOfType<Gap>().Reason.ShouldBe(GapReason.Renewed);
    }

    [Fact]
    public async Task A_subscription_during_a_release_receives_nothing_of_the_previous_registration()
    {
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayContinue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.ReceiveAsync(socket);
            requested.SetResult();
            await mayContinue.Task;
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            await ScriptedServer.SendAsync(socket, """{"header":{"tr_id":"H0UNPGM0","tr_key":"005930"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0001","msg1":"UNSUBSCRIBE SUCCESS"}}""");
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record.Replace("^1^2^", "^77^2^", StringComparison.Ordinal)}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        var first = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var unsubscribing = first.UnsubscribeAsync();
        await requested.Task;
        var subscribing = client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        mayContinue.SetResult();
        await using var second = await subscribing;
        await unsubscribing;
        (await TakeAsync(second.ReadAllAsync(), 1))[0].SellVolume.ShouldBe(77);
    }
}
