using KisFeed.Server.Http;

namespace KisFeed.Server.Tests.Http;

public sealed class InboundQueueTests
{
    [Fact]
    public async Task Messages_are_returned_in_order_followed_by_the_end()
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
    public async Task Short_messages_are_bounded_too(int length)
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
    public async Task Discarded_messages_are_not_returned()
    {
        var queue = new InboundQueue(1_000);
        queue.Add("one"u8);
        queue.Discard();

        (await queue.NextAsync()).ShouldBeNull();
    }
}
