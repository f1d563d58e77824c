using System.Buffers.Binary;
using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>Frames come out once, in order and unchanged, and slabs are used again, whatever is read, kept or discarded.</summary>
public sealed class SlabQueueTests
{
    private const int SmallestFrame = 8;

    // The last slab, and those of the current and of the kept item.
    private const int SlabsOfEmptyQueue = 3;

    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    // A model of the queue: numbers of the items that wait. Each frame is filled with its number, so bytes that are
    // overwritten too early are noticed.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_item_is_read_once_and_unchanged(bool mayDiscard)
    {
        for (var seed = 0; seed < TestRun.Of(60); seed++)
        {
            var random = new Random(seed);
            var queue = new SlabQueue(random.Next(1, 600), random.Next(1, 1 << 18), random.Next(1 << 17), mayDiscard);
            var longest = random.Next(5) switch { 0 => 40, 1 => 300, 2 => 3_000, 3 => 8_200, _ => 20_000 };
            Queue<long> waiting = [];
            long written = 0, kept = -1, current = -1;
            for (var step = 0; step < 60; step++)
            {
                switch (random.Next(4))
                {
                    case 0 or 1:
                        for (var i = random.Next(400); i > 0; i--)
                            Add();
                        break;
                    case 2:
                        for (var i = random.Next(500); i > 0; i--)
                            Read();
                        break;
                    default:
                        for (var i = mayDiscard ? random.Next(300) : 0; i > 0; i--)
                            Discard();
                        break;
                }

                CheckHeld();
            }

            while (waiting.Count > 0)
                Read();
            queue.TryRead().ShouldBeFalse($"seed {seed}");
            queue.IsEmpty.ShouldBeTrue($"seed {seed}");
            queue.Depth.ShouldBe(0, $"seed {seed}");
            queue.IsAbove(int.MaxValue).ShouldBeFalse($"seed {seed}");
            queue.SlabsInUse.ShouldBeLessThanOrEqualTo(SlabsOfEmptyQueue, $"seed {seed}");

            void Add()
            {
                var number = written++;
                waiting.Enqueue(number);
                if (IsEvent(number))
                {
                    queue.Add(new QueuedFrame(new FirstFrame { At = s_at.AddTicks(number) }));
                    return;
                }

                Span<byte> bytes = new byte[random.Next(SmallestFrame, longest)];
                Fill(bytes, number);
                queue.Add(new QueuedFrame(QueuedFrame.SizeOf(bytes.Length), s_at.AddTicks(number)) { Bytes = queue.Store(bytes) });
            }

            void Read()
            {
                var isRead = queue.TryRead();
                isRead.ShouldBe(waiting.TryDequeue(out var next), $"seed {seed}");
                if (!isRead)
                    return;
                current = next;
                Check(queue.Current, current);
                if (IsEvent(current) || random.Next(3) == 0)
                    return;
                queue.Keep();
                kept = current;
            }

            // What the reader has begun to read is not discarded.
            void Discard()
            {
                if (!queue.TryDiscard(out var item))
                    return;
                var number = NumberOf(item);
                List<long> left = [.. waiting];
                left.Remove(number).ShouldBeTrue($"seed {seed}");
                (left.Count(n => n < number) <= 32).ShouldBeTrue($"seed {seed}");
                waiting = new Queue<long>(left);
            }

            void CheckHeld()
            {
                if (kept >= 0)
                    Check(queue.Kept, kept);
                queue.Depth.ShouldBe(waiting.Count(n => !IsEvent(n)), $"seed {seed}");
            }

            void Check(in QueuedFrame item, long number)
            {
                NumberOf(item).ShouldBe(number, $"seed {seed}");
                (item.Event is FirstFrame).ShouldBe(IsEvent(number), $"seed {seed}");
                IsFilled(item.Text, number).ShouldBeTrue($"seed {seed}");
            }
        }
    }

    // The reader has stopped in the middle of an item, so all slabs after it are emptied by the writer alone.
    [Fact]
    public void Slabs_whose_frames_were_all_discarded_are_used_again()
    {
        const int Capacity = 1_000;
        var queue = new SlabQueue(Capacity, 1 << 20, 1 << 20, mayDiscard: true);
        Write(0);
        queue.TryRead().ShouldBeTrue();
        queue.Keep();
        for (var number = 1; number < 100 * Capacity; number++)
        {
            while (!queue.HasRoomFor(QueuedFrame.SizeOf(150)))
                queue.TryDiscard(out _).ShouldBeTrue();
            Write(number);
        }

        var slabs = queue.SlabsInUse;
        slabs.ShouldBeLessThan(20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 100 * Capacity; number < 200 * Capacity; number++)
        {
            queue.TryDiscard(out _).ShouldBeTrue();
            Write(number);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 * 1024);
        queue.SlabsInUse.ShouldBeInRange(slabs - 1, slabs + 1);
        IsFilled(queue.Kept.Text, 0).ShouldBeTrue();

        void Write(long number)
        {
            Span<byte> bytes = stackalloc byte[150];
            Fill(bytes, number);
            queue.Add(new QueuedFrame(QueuedFrame.SizeOf(bytes.Length), s_at.AddTicks(number)) { Bytes = queue.Store(bytes) });
        }
    }

    // The same on two threads, with the limits that a subscription has.
    [Theory]
    [InlineData(10_000)]
    [InlineData(64)]
    [InlineData(1)]
    public async Task A_reader_and_a_writer_on_two_threads_account_for_every_frame(int capacity)
    {
        const int Frames = 300_000;
        var queue = new SlabQueue(capacity, 64 << 10, 1 << 17, mayDiscard: true);
        var isComplete = false;
        var reading = Task.Run(Read);
        var random = new Random(capacity);
        var discarded = 0L;
        var longest = new byte[10_000];
        for (var number = 0L; number < Frames; number++)
        {
            var bytes = longest.AsSpan(0, random.Next(1_000) == 0 ? longest.Length : random.Next(SmallestFrame, 300));
            Fill(bytes, number);
            while (!queue.HasRoomFor(QueuedFrame.SizeOf(bytes.Length)) && queue.TryDiscard(out _))
                discarded++;
            queue.Add(new QueuedFrame(QueuedFrame.SizeOf(bytes.Length), s_at.AddTicks(number)) { Bytes = queue.Store(bytes) });
        }

        Volatile.Write(ref isComplete, value: true);
        var (read, isChanged) = await reading;
        isChanged.ShouldBeFalse();
        (read + discarded).ShouldBe(Frames);
        queue.Depth.ShouldBe(0);
        queue.SlabsInUse.ShouldBeLessThanOrEqualTo(SlabsOfEmptyQueue);

        (long Read, bool IsChanged) Read()
        {
            var (count, last, wasChanged) = (0L, -1L, false);
            while (true)
            {
                var isLast = Volatile.Read(ref isComplete);
                while (queue.TryRead())
                {
                    var number = NumberOf(queue.Current);
                    wasChanged |= number <= last
                        || !IsFilled(queue.Current.Text, number)
                        || (queue.HasKept && !IsFilled(queue.Kept.Text, last));
                    queue.Keep();
                    last = number;
                    count++;
                }

                if (isLast)
                    return (count, wasChanged);
            }
        }
    }

    private static bool IsEvent(long number) => number % 7 == 3;

    private static long NumberOf(in QueuedFrame item) => (item.Event is FirstFrame first ? first.At : item.ReceivedAt).Ticks - s_at.Ticks;

    private static void Fill(Span<byte> bytes, long number)
    {
        bytes.Fill((byte)number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
    }

    private static bool IsFilled(ReadOnlySpan<byte> bytes, long number) =>
        bytes.IsEmpty
        || (BinaryPrimitives.ReadInt64LittleEndian(bytes) == number && !bytes[SmallestFrame..].ContainsAnyExcept((byte)number));
}
