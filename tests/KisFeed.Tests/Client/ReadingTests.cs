using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Readers that stop, resume, are slow, or read concurrently.</summary>
public sealed class ReadingTests
{
    private const string Record = "005930^092237^1^2^3^4^2^2^5^6^1";

    [Fact]
    public async Task A_reader_that_stops_within_a_frame_leaves_the_rest_for_the_next()
    {
        var frame = "0|H0UNPGM0|005|" + string.Join('^', Enumerable.Range(0, 5).Select(i => $"005930^092237^{i}^2^3^4^2^2^5^6^1"));
        await using var server = await ScriptedServer.StartAcknowledgingAsync(
            1, socket => ScriptedServer.SendAsync(socket, frame).AsTask());
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        (await TakeAsync(program.ReadAllAsync(), 2)).Select(r => r.SellVolume).ShouldBe([0, 1]);
        (await TakeAsync(program.ReadAllAsync(), 1)).Select(r => r.SellVolume).ShouldBe([2]);
        (await TakeAsync(program.ReadItemsAsync(), 2)).Select(i => i.Record.SellVolume).ShouldBe([3, 4]);
    }

    [Fact]
    public async Task A_frame_reader_that_stops_at_a_gap_leaves_the_frames_for_the_next()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            for (var i = 0; i < 10; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930^092237^{i}^2^3^4^2^2^5^6^1");
            await ScriptedServer.SendAsync(socket, "0|H0NXPGM0|001|" + Record);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { QueueCapacity = 2 });
        await using var slow = await client.SubscribeAsync(ProgramTrade.Consolidated.Schema, "005930");
        await using var other = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");
        await TakeAsync(other.ReadAllAsync(), 1);
        (await TakeAsync(slow.ReadAllAsync(), 1))[0].Event.ShouldBeOfType<Gap>().Frames.ShouldBe(8);
        var frames = await TakeAsync(slow.ReadAllAsync(), 2);
        frames.Select(f => Encoding.UTF8.GetString(f.Frame.Bytes.Span)[15..31]).ShouldBe(["005930^092237^8^", "005930^092237^9^"]);
    }

    [Fact]
    public async Task Cancellation_stops_a_reader_before_queued_records()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            for (var i = 0; i < 10; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930^092237^{i}^2^3^4^2^2^5^6^1");
            await ScriptedServer.SendAsync(socket, "0|H0NXPGM0|001|" + Record);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using var other = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");
        await TakeAsync(other.ReadAllAsync(), 1);
        using var cancellation = new CancellationTokenSource();
        var read = 0;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in program.ReadAllAsync(cancellation.Token))
            {
                read++;
                await cancellation.CancelAsync();
            }
        });
        read.ShouldBe(1);
        program.QueueDepth.ShouldBe(9, "unread frames wait for the next reader");
    }

    [Fact]
    public async Task A_second_concurrent_reader_is_rejected()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var reader = index.ReadAllAsync().GetAsyncEnumerator();
        (await reader.MoveNextAsync()).ShouldBeTrue();
        await Should.ThrowAsync<InvalidOperationException>(() => TakeAsync(index.ReadAllAsync(), 1));
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public async Task A_slow_consumer_loses_only_its_own_frames_and_its_gap_is_in_place(OverflowPolicy policy)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            for (var i = 0; i < 100; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930^092237^{i}^2^3^4^2^2^5^6^1");
            await ScriptedServer.SendAsync(socket, "0|H0NXPGM0|001|" + Record);
            sent.SetResult();
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { QueueCapacity = 10, Overflow = policy });
        await using var slow = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using var other = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");
        await sent.Task;
        (await TakeAsync(other.ReadAllAsync(), 1)).Count.ShouldBe(1);
        slow.Dropped.ShouldBe(90);
        slow.QueueDepth.ShouldBe(10);
        await slow.UnsubscribeAsync(new CancellationToken(canceled: true)).ShouldThrowAsync<OperationCanceledException>();

        var items = await TakeAsync(slow.ReadItemsAsync(), int.MaxValue);
        items.Count.ShouldBe(11);
        var gapAt = policy == OverflowPolicy.DropOldest ? 0 : 10;
        var gap = items[gapAt].Event.ShouldBeOfType<Gap>();
        gap.Frames.ShouldBe(90);
        gap.Reason.ShouldBe(GapReason.QueueOverflow);
        var first = policy == OverflowPolicy.DropOldest ? 90 : 0;
        items.Where(i => i.IsRecord).Select(i => i.Record.SellVolume).ShouldBe(Enumerable.Range(first, 10).Select(i => (long?)i));
    }
}
