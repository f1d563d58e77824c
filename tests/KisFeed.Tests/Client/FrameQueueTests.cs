namespace KisFeed.Tests.Client;

public sealed class FrameQueueTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    [Fact]
    public async Task What_is_said_after_the_end_changes_nothing()
    {
        var queue = new FrameQueue(10, OverflowPolicy.DropOldest);
        queue.Write("a"u8, default, s_at);
        queue.Complete(null);
        queue.Complete(new ConnectionLostException("lost"));
        queue.Write("b"u8, default, s_at);
        queue.TryRead(out var item, out _).ShouldBeTrue();
        item.Bytes.ToArray().ShouldBe("a"u8.ToArray());
        (await queue.WaitToReadAsync(CancellationToken.None)).ShouldBeFalse();
        queue.TakeFinalGap().ShouldBeNull();
        Should.NotThrow(queue.ThrowIfFailed);
    }

    [Fact]
    public void Reading_a_failed_stream_again_tells_the_same_and_no_more()
    {
        var queue = new FrameQueue(10, OverflowPolicy.DropOldest);
        queue.Complete(new ConnectionLostException("lost"));
        var first = Should.Throw<ConnectionLostException>(queue.ThrowIfFailed).StackTrace!.Length;
        for (var i = 0; i < 100; i++)
            Should.Throw<ConnectionLostException>(queue.ThrowIfFailed);
        Should.Throw<ConnectionLostException>(queue.ThrowIfFailed).StackTrace!.Length.ShouldBe(first);
    }
}
