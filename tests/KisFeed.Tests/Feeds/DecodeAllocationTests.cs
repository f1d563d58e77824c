using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>Decoding does not allocate once the texts are pooled.</summary>
public sealed class DecodeAllocationTests
{
    private const int Frames = 10_000;

    [Fact]
    public void IndexTrade_DoesNotAllocate() => ShouldNotAllocate<IndexTrade>(Samples.Of("H0UPCNT0"));

    [Fact]
    public void BondTrade_DoesNotAllocate() => ShouldNotAllocate<BondTrade>(Samples.Of("H0BJCNT0"));

    [Fact]
    public void ProgramTrade_DoesNotAllocate() => ShouldNotAllocate<ProgramTrade>(Samples.Of("H0STPGM0"));

    [Fact]
    public void OrderNotice_DoesNotAllocate() => ShouldNotAllocate<OrderNotice>(Samples.Of("H0IFCNI0"));

    [Fact]
    public void SeveralRecords_WithAnAppendedColumn_DoNotAllocate() =>
        ShouldNotAllocate<ProgramTrade>(
            "0|H0STPGM0|003|" + string.Join('^', Enumerable.Repeat(Samples.Of("H0STPGM0").Split('|')[3] + "^2", 3)));

    [Fact]
    public void TheMeasurement_DetectsAnAllocation() =>
        Should.Throw<ShouldAssertException>(() => Measure(static () => GC.KeepAlive(new object())));

    private static void ShouldNotAllocate<T>(string text)
        where T : struct, IFeedRecord<T>
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var texts = new StringPool();
        var sum = 0;
        Measure(() =>
        {
            if (!DataFrame.TryParse(bytes, out var frame, out _)
                || !KisFeeds.Catalog.TryGet(frame.TrId, out var feed)
                || !feed.TryResolve(frame, out var shape, out _))
            {
                throw new InvalidOperationException("the frame is not decoded");
            }
            var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
            while (reader.MoveNext())
            {
                if (!T.TryDecode(reader.Current, texts, Decoding.ReceivedAt, out var record, out _))
                    throw new InvalidOperationException("the record is not decoded");
                sum += record.Extra.Count + 1;
            }
        });
        sum.ShouldBeGreaterThan(Frames);
    }

    private static void Measure(Action decode)
    {
        for (var i = 0; i < 100; i++)
            decode();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Frames; i++)
            decode();

        // Not zero: a garbage collection in between counts the unused rest of the thread's allocation context as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(Frames);
    }
}
