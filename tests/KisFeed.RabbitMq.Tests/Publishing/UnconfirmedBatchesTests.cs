using KisFeed.RabbitMq.Publishing;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Publishing;

/// <summary>How many batches wait for their confirmation, and what a publisher waits for.</summary>
public sealed class UnconfirmedBatchesTests
{
    private const int Limit = 48;

    private readonly UnconfirmedBatches _batches = new(streams: 2, Limit);
    private ulong _tag;

    [Fact]
    public async Task A_publisher_with_too_many_batches_waits_until_a_sixteenth_of_them_is_confirmed()
    {
        for (var i = 0; i < Limit; i++)
        {
            _batches.WaitForRoomAsync(CancellationToken.None).IsCompleted.ShouldBeTrue();
            Add();
        }

        var room = _batches.WaitForRoomAsync(CancellationToken.None);
        _batches.Confirm(1, includesEarlier: false);
        (await HasEndedAsync(room)).ShouldBeFalse();
        _batches.Confirm(3, includesEarlier: false);
        (await HasEndedAsync(room)).ShouldBeFalse("the second is not confirmed, so the third may have to be sent again");
        _batches.Confirm(2, includesEarlier: false);
        await room.WaitAsync(Patience.Limit);

        _batches.Count.ShouldBe(Limit - 3);
        _batches.WaitForRoomAsync(CancellationToken.None).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_wait_that_was_cancelled_does_not_change_what_the_next_one_waits_for()
    {
        for (var i = 0; i < Limit; i++)
            Add();
        using var cancellation = new CancellationTokenSource();
        var room = _batches.WaitForRoomAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(room);

        var all = _batches.WaitForAllAsync(CancellationToken.None);
        _batches.Confirm(Limit - 1, includesEarlier: true);
        (await HasEndedAsync(all)).ShouldBeFalse();
        _batches.Confirm(Limit, includesEarlier: false);
        await all.WaitAsync(Patience.Limit);
    }

    [Fact]
    public void The_oldest_batch_of_all_streams_is_found_and_the_oldest_that_a_later_one_of_its_stream_has_overtaken()
    {
        _batches.Add(Batch(stream: 1));
        _batches.OldestPublishedAt().ShouldBeNull("it is not published yet");

        var published = new UnconfirmedBatches(streams: 2, Limit);
        Publish(published, Batch(stream: 0), tag: 1, at: 30);
        Publish(published, Batch(stream: 1), tag: 2, at: 20);
        Publish(published, Batch(stream: 0), tag: 3, at: 40);

        published.OldestPublishedAt().ShouldBe(20);
        published.OvertakenPublishedAt().ShouldBeNull();
        published.Confirm(3, includesEarlier: false);
        published.OvertakenPublishedAt().ShouldBe(30);
        published.Confirm(2, includesEarlier: false);
        published.OldestPublishedAt().ShouldBe(30);
        published.Confirm(1, includesEarlier: false);
        published.OldestPublishedAt().ShouldBeNull();
        published.OvertakenPublishedAt().ShouldBeNull();
    }

    // A wait ends on another thread, so that takes its turn first.
    private static async Task<bool> HasEndedAsync(Task wait)
    {
        for (var i = 0; i < 1000 && !wait.IsCompleted; i++)
            await Task.Run(static () => { });
        return wait.IsCompleted;
    }

    private void Add() => Publish(_batches, Batch(stream: 0), ++_tag, at: 0);

    private PublishedBatch Batch(int stream) =>
        new(stream, "stream", [], entries: 1, lastSequence: _tag + 1, DateTimeOffset.UnixEpoch);

    private static void Publish(UnconfirmedBatches batches, PublishedBatch batch, ulong tag, long at)
    {
        batches.Add(batch);
        batches.OnPublishing(batch, tag, at);
    }
}
