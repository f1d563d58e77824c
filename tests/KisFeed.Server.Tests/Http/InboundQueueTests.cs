using KisFeed.Server.Http;

namespace KisFeed.Server.Tests.Http;

public sealed class InboundQueueTests
{
    [Fact]
    public async Task Messages_come_in_their_order_and_then_the_end()
    {
        var queue = new InboundQueue(1_000);
        queue.Add("one"u8);
        queue.Add("two"u8);
        queue.Complete();

        (await queue.NextAsync()).ShouldBe("one"u8.ToArray());
        (await queue.NextAsync()).ShouldBe("two"u8.ToArray());
        (await queue.NextAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public async Task What_waits_is_bounded_however_short_messages_are(int length)
    {
        var queue = new InboundQueue(1_000);
        var count = 0;
        for (; queue.WaitForRoomAsync().IsCompleted; count++)
            queue.Add(new byte[length]);
        count.ShouldBeInRange(2, 20);

        var room = queue.WaitForRoomAsync();
        await queue.NextAsync();

        await room.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Nothing_that_waits_is_wanted_once_it_is_abandoned()
    {
        var queue = new InboundQueue(1_000);
        queue.Add("one"u8);
        queue.Discard();

        (await queue.NextAsync()).ShouldBeNull();
    }
}
