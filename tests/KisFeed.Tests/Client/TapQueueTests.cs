namespace KisFeed.Tests.Client;

/// <summary>The items that the reader of a tap receives, and their order.</summary>
public sealed class TapQueueTests
{
    [Fact]
    public void A_frame_of_several_registrations_is_delivered_once()
    {
        var tap = new TapHarness("a", "b");
        tap.Write(0, "a", "b");
        tap.Write(1, "b");
        tap.Drain().ShouldBe(["0", "1"]);
        (tap.Queue.Received, tap.Queue.Dropped, tap.Queue.Depth).ShouldBe((2, 0, 0));
    }

    [Fact]
    public void A_frame_of_no_registration_is_not_delivered()
    {
        var tap = new TapHarness("a");
        tap.Write(0);
        tap.Drain().ShouldBeEmpty();
        tap.Queue.Received.ShouldBe(0);
    }

    [Fact]
    public void The_first_readable_frame_of_each_registration_is_announced_before_its_gap()
    {
        var tap = new TapHarness(2, 1 << 20, "a", "b");
        tap.WriteMalformed(0, "a", "b");
        tap.Write(1, "a");
        tap.Write(2, "b");
        tap.Drain(hasFirstFrames: true).ShouldBe(["malformed", "first a 1", "1"]);
        tap.Write(3, "a", "b");
        tap.Write(4, "a", "b");
        tap.Drain(hasFirstFrames: true).ShouldBe(["first b 3", "gap b QueueOverflow 0-3 frames 1", "3", "4"]);
    }

    [Fact]
    public void Dropped_frames_are_a_gap_of_each_registration_before_its_next_frame()
    {
        var tap = new TapHarness(2, 1 << 20, "a", "b", "c");
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
    public void Frames_dropped_without_a_successor_are_reported_at_the_end()
    {
        var tap = new TapHarness(1, 1 << 20, "a", "b");
        tap.Confirm("a");
        tap.Write(0, "a");
        tap.Write(1, "a");
        tap.Write(2, "b");
        tap.RegistrationOf("a").Complete(null);
        tap.RegistrationOf("b").Complete(new SubscribeTimeoutException("no answer"));
        tap.Queue.Complete(null);
        tap.Drain().ShouldBe(
            ["confirmed a", "0", "gap a QueueOverflow 0- frames 1", "released a", "gap b QueueOverflow - frames 1", "refused b no answer"]);
    }

    [Fact]
    public void The_first_of_several_interruptions_without_a_frame_between_them_is_kept()
    {
        var tap = new TapHarness("a", "b");
        tap.Write(0, "a", "b");
        tap.RegistrationOf("a").Interrupt(GapReason.Silence, TapHarness.Start.AddSeconds(1));
        tap.RegistrationOf("a").Interrupt(GapReason.ConnectionLost, TapHarness.Start.AddSeconds(2));
        tap.RegistrationOf("b").Interrupt(GapReason.Renewed);
        tap.Write(3, "a", "b");
        tap.Write(4, "a", "b");
        tap.Drain().ShouldBe(["0", "interruption a Silence 1", "gap a Silence 0-3 frames ", "gap b Renewed 0-3 frames ", "3", "4"]);
    }

    [Fact]
    public void Frames_dropped_around_an_interruption_are_part_of_its_gap()
    {
        var tap = new TapHarness(1, 1 << 20, "a");
        tap.Write(0, "a");
        tap.Write(1, "a");
        tap.RegistrationOf("a").Interrupt(GapReason.ConnectionLost, TapHarness.Start.AddSeconds(2));
        tap.Write(3, "a");
        tap.RegistrationOf("a").Interrupt(GapReason.Silence, TapHarness.Start.AddSeconds(4));
        tap.Drain().ShouldBe(["0", "interruption a ConnectionLost 2"]);
        tap.Write(5, "a");
        tap.Drain().ShouldBe(["gap a ConnectionLost 0-5 frames 2", "5"]);
    }

    [Fact]
    public void A_malformed_frame_is_delivered_once_and_ends_the_gaps_of_its_registrations()
    {
        var tap = new TapHarness("a", "b");
        tap.RegistrationOf("b").Interrupt(GapReason.Renewed);
        tap.WriteMalformed(1, "a", "b");
        tap.Write(2, "a", "b");
        tap.Drain().ShouldBe(["gap b Renewed -1 frames ", "malformed", "2"]);
        tap.Queue.Malformed.ShouldBe(1);
    }

    [Fact]
    public void Malformed_frames_count_towards_the_limits()
    {
        var tap = new TapHarness(1_000, 32_000, "a");
        for (var i = 0; i < 10; i++)
            tap.WriteMalformed(i, 10_000, "a");
        (tap.Queue.Depth, tap.Queue.Dropped, tap.Queue.Malformed).ShouldBe((3, 7, 10));
        tap.RegistrationOf("a").Complete(null);
        tap.Drain().ShouldBe(["malformed", "malformed", "malformed", "gap a QueueOverflow 2- frames 7"]);
    }

    [Fact]
    public void A_single_frame_of_any_size_fits_and_reading_frees_its_bytes()
    {
        var tap = new TapHarness(10, 5_000, "a");
        for (var i = 0; i < 100; i++)
        {
            tap.Write(i, 10_000, "a");
            tap.Queue.Depth.ShouldBe(1);
            tap.Drain().ShouldBe([$"{i}"]);
        }

        tap.Queue.Dropped.ShouldBe(0);
    }

    [Fact]
    public void Events_fit_into_a_full_queue_and_repeated_ones_do_not_grow_it()
    {
        var tap = new TapHarness(1, 1 << 20, "a");
        tap.Write(0, "a");
        for (var i = 1; i < 100; i++)
        {
            tap.RegistrationOf("a").Interrupt(GapReason.Renewed);
            tap.Confirm("a");
            tap.Write(i, "a");
        }

        tap.RegistrationOf("a").Interrupt(GapReason.ConnectionLost, TapHarness.Start);
        tap.Confirm("a");
        (tap.Queue.Received, tap.Queue.Dropped, tap.Queue.Depth).ShouldBe((100, 99, 1));
        tap.Drain().ShouldBe(["0", "confirmed a", "interruption a ConnectionLost 0", "confirmed a"]);
    }

    [Fact]
    public void Events_after_completion_are_ignored()
    {
        var tap = new TapHarness("a");
        tap.Confirm("a");
        tap.RegistrationOf("a").Complete(null);
        tap.RegistrationOf("a").Complete(new SubscribeTimeoutException("no answer"));
        tap.RegistrationOf("a").Interrupt(GapReason.ConnectionLost, TapHarness.Start);
        tap.Write(1, "a");
        tap.Confirm("a");
        tap.Drain().ShouldBe(["confirmed a", "released a"]);
        tap.Ended.ShouldBe(["a"]);
    }

    [Fact]
    public void A_frame_does_not_allocate_after_warm_up()
    {
        var tap = new TapHarness("a", "b");
        var bytes = new byte[300];
        Run(5_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(20_000);

        // Not zero: a garbage collection in between counts the unused rest of the thread's allocation context as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);

        void Run(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                tap.RegistrationOf("a").Write(bytes, default, TapHarness.Start);
                tap.RegistrationOf("b").Write(bytes, default, TapHarness.Start);
                tap.Queue.EndFrame(bytes, default, TapHarness.Start);
                tap.Queue.TryRead(out _).ShouldBeTrue();
            }
        }
    }

    // For any sequence of frames of several keys, interruptions and reads, frames are read in order and once, and for each registration the
    // frames read and the frames reported as missing add up to all frames.
    [Fact]
    public void Frames_and_gaps_of_each_registration_add_up_to_all_frames()
    {
        string[] keys = ["a", "b", "c", "d"];
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var tap = new TapHarness(random.Next(1, 8), 12_000, keys);
            var written = new List<string[]>();
            var toRead = keys.ToDictionary(k => k, _ => new Expected(), StringComparer.Ordinal);
            var dropped = 0;
            var last = -1;
            for (var step = 0; step < 300; step++)
            {
                switch (random.Next(8))
                {
                    case < 4:
                        var owners = keys.Where(_ => random.Next(3) == 0).ToArray();
                        if (owners.Length == 0)
                            break;
                        if (random.Next(10) == 0)
                            tap.WriteMalformed(written.Count, 4 + random.Next(3_000), owners);
                        else
                            tap.Write(written.Count, random.Next(3_000), owners);
                        written.Add(owners);
                        break;
                    case 4:
                        var key = keys[random.Next(keys.Length)];
                        tap.RegistrationOf(key).Interrupt((GapReason)random.Next(2, 5), TapHarness.Start);
                        toRead[key].Interrupted.Add(written.Count);
                        break;
                    default:
                        Read(random.Next(6));
                        break;
                }
            }

            foreach (var key in keys)
                tap.RegistrationOf(key).Complete(null);
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
                        toRead[gap.Key!].Gap.ShouldBeNull($"seed {seed}");
                        toRead[gap.Key!].Gap = gap;
                    }

                    if (item.Size == 0)
                        continue;
                    var number = (int)(item.ReceivedAt - TapHarness.Start).TotalSeconds;
                    number.ShouldBeGreaterThan(last, $"seed {seed}");
                    dropped += number - last - 1;
                    last = number;
                    if (item.Event is null)
                        BitConverter.ToInt32(item.Text).ShouldBe(number, $"seed {seed}");
                    foreach (var key in written[number])
                        Check(key, number);
                }
            }

            void Check(string key, int next)
            {
                var expected = toRead[key];
                var missing = Enumerable.Range(expected.Last + 1, next - expected.Last - 1)
                    .Count(n => written[n].Contains(key, StringComparer.Ordinal));
                var isInterrupted = expected.Interrupted.Exists(i => i > expected.Last && i <= next);
                var context = $"seed {seed}, {key} before {next}";
                (expected.Gap is not null).ShouldBe(missing > 0 || isInterrupted, context);
                (expected.Gap?.Frames ?? 0).ShouldBe(missing, context);
                if (expected.Gap is { } gap)
                {
                    (gap.Reason == GapReason.QueueOverflow).ShouldBe(!isInterrupted, context);
                    gap.From.ShouldBe(expected.Last < 0 ? null : TapHarness.Start.AddSeconds(expected.Last), context);
                    gap.To.ShouldBe(next == written.Count ? null : TapHarness.Start.AddSeconds(next), context);
                    gap.MissedVolume.ShouldBeNull(context);
                }

                expected.Gap = null;
                expected.Last = next;
            }
        }
    }

    // The same with concurrent sessions and a reader: no buffer is written while it is read.
    [Fact]
    public async Task Concurrent_sessions_and_reader_report_every_loss()
    {
        const int Frames = 200_000;
        var tap = new TapHarness(8, 1 << 20, "a");
        var reading = Task.Run(async () =>
        {
            long read = 0, missing = 0, next = 0;
            while (await tap.Queue.WaitToReadAsync(CancellationToken.None))
            {
                while (tap.Queue.TryRead(out var item))
                {
                    if (item.Event is FirstFrame)
                        continue;
                    if (item.Event is Gap gap)
                    {
                        missing += gap.Frames ?? 0;
                        next += gap.Frames ?? 0;
                        continue;
                    }

                    System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(item.Text).IndexOfAnyExcept(next).ShouldBe(-1);
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
            tap.RegistrationOf("a").Write(bytes, default, TapHarness.Start);
            tap.Queue.EndFrame(bytes, default, TapHarness.Start);
        }

        tap.RegistrationOf("a").Complete(null);
        tap.Queue.Complete(null);
        var (read, missing) = await reading.WaitAsync(Patience.Limit);
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
}
