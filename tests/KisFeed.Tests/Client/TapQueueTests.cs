using System.Globalization;
using KisFeed.Client;
using KisFeed.Feeds;

namespace KisFeed.Tests.Client;

/// <summary>What the reader of a tap receives, and in which order.</summary>
public sealed class TapQueueTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    [Fact]
    public void A_frame_of_several_registrations_comes_once()
    {
        var tap = new Tapped("a", "b");
        tap.Write(0, "a", "b");
        tap.Write(1, "b");
        tap.Drain().ShouldBe(["0", "1"]);
        (tap.Queue.Received, tap.Queue.Dropped, tap.Queue.Depth).ShouldBe((2, 0, 0));
    }

    [Fact]
    public void A_frame_of_none_of_its_registrations_does_not_come()
    {
        var tap = new Tapped("a");
        tap.Write(0);
        tap.Drain().ShouldBeEmpty();
        tap.Queue.Received.ShouldBe(0);
    }

    [Fact]
    public void What_does_not_fit_is_a_gap_of_each_registration_before_its_own_next_frame()
    {
        var tap = new Tapped(2, 1 << 20, "a", "b", "c");
        tap.Write(0, "a");
        tap.Write(1, "b");
        tap.Write(2, "a", "b");
        tap.Write(3, "b");
        (tap.Queue.Received, tap.Queue.Dropped, tap.Queue.Depth).ShouldBe((4, 2, 2));
        tap.Drain().ShouldBe(["0", "1"]);
        tap.Write(4, "c");
        tap.Write(5, "b");
        tap.Drain().ShouldBe(["4", "gap b QueueOverflow 1-5 frames 2", "5"]);
        tap.Write(6, "a", "b", "c");
        tap.Drain().ShouldBe(["gap a QueueOverflow 0-6 frames 1", "6"]);
    }

    [Fact]
    public void What_is_dropped_and_never_followed_is_told_at_the_end()
    {
        var tap = new Tapped(1, 1 << 20, "a", "b");
        tap.Confirm("a");
        tap.Write(0, "a");
        tap.Write(1, "a");
        tap.Write(2, "b");
        tap.Hold("a").Complete(null);
        tap.Hold("b").Complete(new SubscribeTimeoutException("no answer"));
        tap.Queue.Complete(null);
        tap.Drain().ShouldBe(["confirmed a", "0", "gap a QueueOverflow 0- frames 1", "released a", "gap b QueueOverflow - frames 1", "refused b no answer"]);
    }

    [Fact]
    public void Of_several_interruptions_without_a_frame_the_first_stands()
    {
        var tap = new Tapped("a", "b");
        tap.Write(0, "a", "b");
        tap.Hold("a").Interrupt(GapReason.Silence, s_at.AddSeconds(1));
        tap.Hold("a").Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(2));
        tap.Hold("b").Interrupt(GapReason.Renewed);
        tap.Write(3, "a", "b");
        tap.Write(4, "a", "b");
        tap.Drain().ShouldBe(["0", "interruption a Silence 1", "gap a Silence 0-3 frames ", "gap b Renewed 0-3 frames ", "3", "4"]);
    }

    [Fact]
    public void What_is_dropped_around_an_interruption_is_part_of_its_gap()
    {
        var tap = new Tapped(1, 1 << 20, "a");
        tap.Write(0, "a");
        tap.Write(1, "a");
        tap.Hold("a").Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(2));
        tap.Write(3, "a");
        tap.Hold("a").Interrupt(GapReason.Silence, s_at.AddSeconds(4));
        tap.Drain().ShouldBe(["0", "interruption a ConnectionLost 2"]);
        tap.Write(5, "a");
        tap.Drain().ShouldBe(["gap a ConnectionLost 0-5 frames 2", "5"]);
    }

    [Fact]
    public void A_malformed_frame_comes_once_and_ends_the_gaps_of_those_it_may_be_of()
    {
        var tap = new Tapped("a", "b");
        tap.Hold("b").Interrupt(GapReason.Renewed);
        tap.WriteMalformed(1, "a", "b");
        tap.Write(2, "a", "b");
        tap.Drain().ShouldBe(["gap b Renewed -1 frames ", "malformed", "2"]);
        tap.Queue.Malformed.ShouldBe(1);
    }

    [Fact]
    public void Malformed_frames_take_room_as_others_do()
    {
        var tap = new Tapped(1_000, 32_000, "a");
        for (var i = 0; i < 10; i++)
            tap.WriteMalformed(i, 10_000, "a");
        (tap.Queue.Depth, tap.Queue.Dropped, tap.Queue.Malformed).ShouldBe((3, 7, 10));
        tap.Hold("a").Complete(null);
        tap.Drain().ShouldBe(["malformed", "malformed", "malformed", "gap a QueueOverflow 2- frames 7"]);
    }

    [Fact]
    public void One_frame_fits_however_large_and_what_was_read_makes_room()
    {
        var tap = new Tapped(10, 5_000, "a");
        for (var i = 0; i < 100; i++)
        {
            tap.Write(i, 10_000, "a");
            tap.Queue.Depth.ShouldBe(1);
            tap.Drain().ShouldBe([$"{i}"]);
        }

        tap.Queue.Dropped.ShouldBe(0);
    }

    [Fact]
    public void Events_find_a_place_in_a_full_queue_and_do_not_fill_it_however_often_they_happen()
    {
        var tap = new Tapped(1, 1 << 20, "a");
        tap.Write(0, "a");
        for (var i = 1; i < 100; i++)
        {
            tap.Hold("a").Interrupt(GapReason.Renewed);
            tap.Confirm("a");
            tap.Write(i, "a");
        }

        tap.Hold("a").Interrupt(GapReason.ConnectionLost, s_at);
        tap.Confirm("a");
        (tap.Queue.Received, tap.Queue.Dropped, tap.Queue.Depth).ShouldBe((100, 99, 1));
        tap.Drain().ShouldBe(["0", "confirmed a", "interruption a ConnectionLost 0", "confirmed a"]);
    }

    [Fact]
    public void What_happens_behind_the_end_is_not_told()
    {
        var tap = new Tapped("a");
        tap.Confirm("a");
        tap.Hold("a").Complete(null);
        tap.Hold("a").Complete(new SubscribeTimeoutException("no answer"));
        tap.Hold("a").Interrupt(GapReason.ConnectionLost, s_at);
        tap.Write(1, "a");
        tap.Confirm("a");
        tap.Drain().ShouldBe(["confirmed a", "released a"]);
        tap.Ended.ShouldBe(["a"]);
    }

    [Fact]
    public void Once_warm_a_frame_allocates_nothing()
    {
        var tap = new Tapped("a", "b");
        var bytes = new byte[300];
        Run(5_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(20_000);

        // Not zero: a collection in between counts the unused rest of the thread's allocation context as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);

        void Run(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                tap.Hold("a").Write(bytes, default, s_at);
                tap.Hold("b").Write(bytes, default, s_at);
                tap.Queue.EndFrame(bytes, default, s_at);
                tap.Queue.TryRead(out _).ShouldBeTrue();
            }
        }
    }

    // Any sequence of frames of several keys, interruptions and reads: frames are read in order and once, and for each registration the frames read
    // and the frames reported as missing add up to all frames.
    [Fact]
    public void Frames_and_gaps_of_each_registration_add_up()
    {
        string[] keys = ["a", "b", "c", "d"];
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var tap = new Tapped(random.Next(1, 8), 12_000, keys);
            var written = new List<string[]>();
            var toRead = keys.ToDictionary(k => k, _ => new Expected(), StringComparer.Ordinal);
            var dropped = 0;
            var last = -1;
            for (var step = 0; step < 300; step++)
            {
                switch (random.Next(8))
                {
                    case < 4:
                        var of = keys.Where(_ => random.Next(3) == 0).ToArray();
                        if (of.Length == 0)
                            break;
                        if (random.Next(10) == 0)
                            tap.WriteMalformed(written.Count, 4 + random.Next(3_000), of);
                        else
                            tap.Write(written.Count, random.Next(3_000), of);
                        written.Add(of);
                        break;
                    case 4:
                        var key = keys[random.Next(keys.Length)];
                        tap.Hold(key).Interrupt((GapReason)random.Next(2, 5), s_at);
                        toRead[key].Interrupted.Add(written.Count);
                        break;
                    default:
                        Read(random.Next(6));
                        break;
                }
            }

            foreach (var key in keys)
                tap.Hold(key).Complete(null);
            tap.Queue.Complete(null);
            Read(int.MaxValue);
            foreach (var key in keys)
                Check(key, written.Count);
            tap.Queue.Received.ShouldBe(written.Count, $"seed {seed}");
            tap.Queue.Dropped.ShouldBe(dropped + written.Count - 1 - last, $"seed {seed}");

            void Read(int count)
            {
                for (; count > 0 && tap.Queue.TryRead(out var item); count--)
                {
                    if (item.Event is Gap gap)
                    {
                        toRead[item.Key!].Gap.ShouldBeNull($"seed {seed}");
                        toRead[item.Key!].Gap = gap;
                    }

                    if (!item.IsReceived)
                        continue;
                    var number = (int)(item.ReceivedAt - s_at).TotalSeconds;
                    number.ShouldBeGreaterThan(last, $"seed {seed}");
                    dropped += number - last - 1;
                    last = number;
                    if (item.Event is null)
                        BitConverter.ToInt32(item.Buffer).ShouldBe(number, $"seed {seed}");
                    foreach (var key in written[number])
                        Check(key, number);
                }
            }

            void Check(string key, int next)
            {
                var expected = toRead[key];
                var missing = Enumerable.Range(expected.Last + 1, next - expected.Last - 1).Count(n => written[n].Contains(key, StringComparer.Ordinal));
                var isInterrupted = expected.Interrupted.Exists(i => i > expected.Last && i <= next);
                var why = $"seed {seed}, {key} before {next}";
                (expected.Gap is not null).ShouldBe(missing > 0 || isInterrupted, why);
                (expected.Gap?.Frames ?? 0).ShouldBe(missing, why);
                if (expected.Gap is { } gap)
                {
                    (gap.Reason == GapReason.QueueOverflow).ShouldBe(!isInterrupted, why);
                    gap.From.ShouldBe(expected.Last < 0 ? null : s_at.AddSeconds(expected.Last), why);
                    gap.To.ShouldBe(next == written.Count ? null : s_at.AddSeconds(next), why);
                    gap.MissedVolume.ShouldBeNull(why);
                }

                expected.Gap = null;
                expected.Last = next;
            }
        }
    }

    // The same with sessions and a reader that run concurrently: no buffer is written while it is read.
    [Fact]
    public async Task Sessions_and_reader_at_once_lose_nothing_untold()
    {
        const int Frames = 200_000;
        var tap = new Tapped(8, 1 << 20, "a");
        var reading = Task.Run(async () =>
        {
            long read = 0, missing = 0, next = 0;
            while (await tap.Queue.WaitToReadAsync(CancellationToken.None))
            {
                while (tap.Queue.TryRead(out var item))
                {
                    if (item.Event is Gap gap)
                    {
                        missing += gap.Frames ?? 0;
                        next += gap.Frames ?? 0;
                        continue;
                    }

                    System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(item.Buffer.AsSpan(0, item.Length)).IndexOfAnyExcept(next).ShouldBe(-1);
                    next++;
                    read++;
                }
            }

            return (Read: read, Missing: missing);
        });

        var bytes = new byte[64];
        for (long i = 0; i < Frames; i++)
        {
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(bytes.AsSpan()).Fill(i);
            tap.Hold("a").Write(bytes, default, s_at);
            tap.Queue.EndFrame(bytes, default, s_at);
        }

        tap.Hold("a").Complete(null);
        tap.Queue.Complete(null);
        var (read, missing) = await reading.WaitAsync(TimeSpan.FromSeconds(30));
        (read + missing).ShouldBe(Frames);
        missing.ShouldBe(tap.Queue.Dropped);
        tap.Queue.Depth.ShouldBe(0);
    }

    private sealed class Expected
    {
        public int Last { get; set; } = -1;

        public Gap? Gap { get; set; }

        public List<int> Interrupted { get; } = [];
    }

    /// <summary>A queue with a registration for each key. A frame is a number, received that many seconds after the start.</summary>
    private sealed class Tapped
    {
        private readonly Dictionary<string, TapRegistration> _holds;

        public Tapped(params string[] keys)
            : this(1_000, 1 << 20, keys)
        {
        }

        public Tapped(int capacity, long maxBytes, params string[] keys)
        {
            Queue = new TapQueue(new FrameTapOptions { Capacity = capacity, MaxBytes = maxBytes }, TimeProvider.System);
            _holds = keys.ToDictionary(k => k, k => new TapRegistration(Queue, IndexTrade.Feed.Schema, k, new FeedTotals(), h => Ended.Add(h.Key)), StringComparer.Ordinal);
        }

        public TapQueue Queue { get; }

        public List<string> Ended { get; } = [];

        public TapRegistration Hold(string key) => _holds[key];

        public void Confirm(string key) => Hold(key).Confirm("1", s_at);

        public void Write(int number, params string[] keys) => Write(number, 0, keys);

        public void Write(int number, int more, params string[] keys)
        {
            byte[] bytes = [.. BitConverter.GetBytes(number), .. new byte[more]];
            foreach (var key in keys)
                Hold(key).Write(bytes, default, s_at.AddSeconds(number));
            Queue.EndFrame(bytes, default, s_at.AddSeconds(number));
        }

        public void WriteMalformed(int number, params string[] keys) => WriteMalformed(number, 4, keys);

        public void WriteMalformed(int number, int length, params string[] keys)
        {
            var malformed = new MalformedFrame { Error = default, Raw = new byte[length], ReceivedAt = s_at.AddSeconds(number) };
            foreach (var key in keys)
                Hold(key).Write(malformed);
            Queue.EndFrame(malformed);
        }

        public List<string> Drain()
        {
            var items = new List<string>();
            while (Queue.TryRead(out var item))
            {
                items.Add(item.Event switch
                {
                    null => BitConverter.ToInt32(item.Buffer).ToString(CultureInfo.InvariantCulture),
                    MalformedFrame => "malformed",
                    Gap gap => $"gap {item.Key} {gap.Reason} {SecondsOf(gap.From)}-{SecondsOf(gap.To)} frames {gap.Frames}",
                    Interruption interruption => $"interruption {item.Key} {interruption.Reason} {SecondsOf(interruption.At)}",
                    RegistrationConfirmed => $"confirmed {item.Key}",
                    RegistrationReleased => $"released {item.Key}",
                    RegistrationRefused refused => $"refused {item.Key} {refused.Problem}",
                    _ => $"{item.Event}",
                });
            }

            return items;
        }

        private static double? SecondsOf(DateTimeOffset? moment) => (moment - s_at)?.TotalSeconds;
    }
}
