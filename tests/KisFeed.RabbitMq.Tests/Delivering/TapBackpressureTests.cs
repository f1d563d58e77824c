using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Delivering;

/// <summary>A source waits for the reader of a tap, but not forever.</summary>
public sealed class TapBackpressureTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_source_waits_from_half_full_until_a_quarter_full()
    {
        var tap = new Tap(capacity: 1000);
        Fill(tap, 500);
        tap.Queue.Backpressure.IsCongested.ShouldBeFalse();
        Fill(tap, 100);
        tap.Queue.Backpressure.IsCongested.ShouldBeTrue();
        var first = tap.Queue.Backpressure.WaitAsync(_time, CancellationToken.None);
        var second = tap.Queue.Backpressure.WaitAsync(_time, CancellationToken.None);
        for (var i = 0; i < 300; i++)
            Read(tap);
        first.IsCompleted.ShouldBeFalse();
        for (var i = 0; i < 100; i++)
            Read(tap);

        await Task.WhenAll(first, second).WaitAsync(Patience.Limit);
        tap.Queue.Backpressure.IsCongested.ShouldBeFalse();
        tap.Queue.Dropped.ShouldBe(0);
    }

    [Fact]
    public async Task A_source_that_begins_to_wait_when_the_queue_was_just_read_does_not_wait()
    {
        var tap = new Tap(capacity: 100);
        Fill(tap, 60);
        tap.Queue.Backpressure.IsCongested.ShouldBeTrue();
        while (tap.Queue.TryRead())
        {
            // Everything is read.
        }

        await tap.Queue.Backpressure.WaitAsync(_time, CancellationToken.None).WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_waited_for_once_and_again_after_it_has_caught_up()
    {
        var tap = new Tap(capacity: 100);
        Fill(tap, 60);
        var waiting = tap.Queue.Backpressure.WaitAsync(_time, CancellationToken.None);
        _time.Advance(TapBackpressure.Limit);
        await waiting.WaitAsync(Patience.Limit);
        tap.Queue.Backpressure.IsCongested.ShouldBeFalse();
        Fill(tap, 60);
        (tap.Queue.Dropped, tap.Queue.Backpressure.IsCongested).ShouldBe((20, false));

        while (tap.Queue.TryRead())
        {
            // Everything is read.
        }

        Fill(tap, 60);
        tap.Queue.Backpressure.IsCongested.ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_waits_for_a_tap_that_is_complete()
    {
        var tap = new Tap(capacity: 100);
        Fill(tap, 60);
        var waiting = tap.Queue.Backpressure.WaitAsync(_time, CancellationToken.None);
        tap.Queue.Complete(null);
        await waiting.WaitAsync(Patience.Limit);
        tap.Queue.Backpressure.IsCongested.ShouldBeFalse();
        await tap.Queue.Backpressure.WaitAsync(_time, CancellationToken.None).WaitAsync(Patience.Limit);
    }

    private static void Fill(Tap tap, int frames)
    {
        for (var i = 0; i < frames; i++)
            tap.Write();
    }

    // A frame, and the event before the first.
    private static void Read(Tap tap)
    {
        while (tap.Queue.TryRead() && tap.Queue.Current.Event is not null)
        {
            // Events take no room.
        }
    }

    private sealed class Tap
    {
        private static readonly byte[] s_frame = [1, 2, 3];

        private readonly TapRegistration _registration;

        public Tap(int capacity)
        {
            Queue = new TapQueue(new FrameTapOptions { Capacity = capacity }, new ReceiveClock(TimeProvider.System));
            _registration = new TapRegistration(Queue, IndexTrade.Feed.Schema, "0001", new FeedTotals(), _ => { });
        }

        public TapQueue Queue { get; }

        public void Write()
        {
            var at = Queue.Now;
            _registration.Write(s_frame, default, at);
            Queue.EndFrame(s_frame, default, at);
        }
    }
}
