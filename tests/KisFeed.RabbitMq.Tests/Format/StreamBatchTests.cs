using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Capture.Tests;
using KisFeed.RabbitMq.Format;

namespace KisFeed.RabbitMq.Tests.Format;

/// <summary>Batches are read as they were written, and no other bytes are read as a batch.</summary>
public sealed class StreamBatchTests
{
    [Fact]
    public void A_batch_is_read_as_it_was_written() => Check(seed =>
    {
        var random = new Random(seed);
        var origin = new BatchOrigin(random.Next(2) == 0 ? "a" : "원천-1", (ulong)random.NextInt64(), random.Next(2) == 0);
        var encoder = new StreamBatchEncoder(origin);
        var next = 1UL;
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var written = RandomEntries(random);
            foreach (var (kind, at, epochs, content, day) in written)
                encoder.Add(kind, at, epochs, content, day);
            encoder.Count.ShouldBe(written.Count);
            encoder.FirstAt.ShouldBe(written[0].At);

            StreamBatch.TryRead(encoder.Complete(next - 1), out var batch, out var problem).ShouldBeTrue(problem);
            batch!.Origin.ShouldBe(origin);
            batch.FirstSequence.ShouldBe(next);
            batch.Confirmed.ShouldBe(next - 1);
            batch.Entries.Select(entry => (entry.Kind, entry.At, Convert.ToHexString(entry.Content.Span)))
                .ShouldBe(written.Select(entry => (entry.Kind, entry.At, Convert.ToHexString(entry.Content))));
            batch.Entries.Select(entry => entry.StatedDay).ShouldBe(written.Select(entry => entry.Day));
            foreach (var (entry, (_, _, epochs, _, _)) in batch.Entries.Zip(written))
                entry.ShouldHaveEpochs(epochs);
            next += (ulong)written.Count;
        }
    });

    [Fact]
    public void Changed_bytes_are_not_a_batch() => Check(seed =>
    {
        var random = new Random(seed);
        var bytes = RandomBatch(random);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));

        StreamBatch.TryRead(bytes, out _, out var problem).ShouldBeFalse();
        problem.ShouldNotBeNullOrEmpty();
    });

    [Fact]
    public void A_part_of_a_batch_is_not_a_batch() => Check(seed =>
    {
        var random = new Random(seed);
        var bytes = RandomBatch(random);

        StreamBatch.TryRead(bytes.AsMemory(0, random.Next(bytes.Length)), out _, out _).ShouldBeFalse();
    });

    /// <summary>With a correct checksum, so that every check behind it is reached.</summary>
    [Fact]
    public void Any_bytes_are_read_or_refused() => Check(seed =>
    {
        var random = new Random(seed);
        var bytes = RandomBatch(random);
        for (var i = random.Next(1, 6); i > 0; i--)
            bytes[random.Next(3, bytes.Length - BatchFormat.ChecksumLength)] = (byte)random.Next(256);
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(^BatchFormat.ChecksumLength), Crc32C.Of(bytes.AsSpan(..^BatchFormat.ChecksumLength)));

        if (StreamBatch.TryRead(bytes, out var batch, out _))
            batch.Confirmed.ShouldBeLessThan(batch.FirstSequence);
    });

    /// <summary>The example of docs/cluster.md.</summary>
    [Fact]
    public void The_bytes_of_a_batch_are_documented()
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 5, Continues: true));
        encoder.Add(EntryKind.Frame, Ticks.Opening, [7], "0|X"u8);

        Convert.ToHexString(encoder.Complete(0)).ShouldBe("4B460201" + "0500000000000000" + "0100000000000000" + "0000000000000000" + "0100"
            + "01" + "61" + "01" + "00C0AF40A3C63F00" + "01" + "07000000" + "03000000" + "307C58" + "C647AF29");
    }

    /// <summary>The example of docs/cluster.md with the day that a simulator states.</summary>
    [Fact]
    public void The_bytes_of_a_dated_frame_are_documented()
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("a", 5, Continues: true));
        encoder.Add(EntryKind.Frame, Ticks.Opening, [7], "0|X"u8, new DateOnly(2026, 11, 20));

        var entry = Convert.ToHexString(encoder.Complete(0)[32..^BatchFormat.ChecksumLength]);
        entry.ShouldBe("03" + "00C0AF40A3C63F00" + "01" + "07000000" + "07000000" + "634A0B00" + "307C58");
    }

    [Fact]
    public void The_checksum_is_CRC_32C() => Crc32C.Of("123456789"u8).ShouldBe(0xE3069283);

    [Theory]
    [InlineData("H0UPCNT0", "0001", 0)]
    [InlineData("H0UPCNT0", "1001", 5)]
    [InlineData("H0BJCNT0", "KR103502GA34", 5)]
    public void The_stream_of_a_key_never_changes(string trId, string key, int partition) =>
        new Partitions("kisfeed", 8).Of(trId, key).ShouldBe(partition);

    [Fact]
    public void The_name_of_a_stream_has_the_number_of_streams() => new Partitions("kisfeed", 8).Names[3].ShouldBe("kisfeed.3-of-8");

    private static void Check(Action<int> property)
    {
        var seeds = ArbMap.Default.GeneratorFor<int>().Select(seed => seed * 7919).ToArbitrary();
        Prop.ForAll(seeds, property).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static byte[] RandomBatch(Random random)
    {
        var encoder = new StreamBatchEncoder(new BatchOrigin("source", 3, false));
        foreach (var (kind, at, epochs, content, day) in RandomEntries(random))
            encoder.Add(kind, at, epochs, content, day);
        return encoder.Complete(0);
    }

    private static List<(EntryKind Kind, DateTimeOffset At, uint[] Epochs, byte[] Content, DateOnly? Day)> RandomEntries(Random random)
    {
        var entries = new List<(EntryKind, DateTimeOffset, uint[], byte[], DateOnly?)>();
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var content = random.Next(10) == 0 ? new byte[random.Next(5000)] : Encoding.UTF8.GetBytes($"0|H0UPCNT0|001|{random.Next()}");
            uint[] epochs = [.. Enumerable.Range(0, random.Next(4)).Select(_ => (uint)random.Next())];
            var kind = (EntryKind)random.Next(1, 5);
            DateOnly? day = kind == EntryKind.DatedFrame ? DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber)) : null;
            var at = new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks), TimeSpan.Zero);
            entries.Add((day is null ? kind : EntryKind.Frame, at, epochs, content, day));
        }

        return entries;
    }
}

/// <summary>Assertions on entries.</summary>
internal static class BatchEntryAssertions
{
    public static void ShouldHaveEpochs(this BatchEntry entry, uint[] epochs)
    {
        for (var record = 0; record < 5; record++)
        {
            entry.EpochOf(record)
                .ShouldBe(epochs switch { [] => 0, [var one] => one, _ => record < epochs.Length ? epochs[record] : null });
        }
    }
}
