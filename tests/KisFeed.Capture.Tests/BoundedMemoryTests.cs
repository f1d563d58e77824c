using System.IO.Compression;

namespace KisFeed.Capture.Tests;

/// <summary>Files that are made to exhaust the reader's memory.</summary>
[Collection(NonParallelCollection.Name)]
public sealed class BoundedMemoryTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task A_compression_bomb_is_rejected_in_bounded_memory()
    {
        // A gigabyte of blanks in a megabyte: one line that does not end.
        var path = _folder.Put("bomb.log.gz", CompressionBomb.OfBlanks(1 << 30));
        List<CaptureItem> items = [];
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await foreach (var item in CaptureReader.Open(path).ReadItemsAsync())
            items.Add(item);

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        items.Single().Problem!.Kind.ShouldBe(CaptureProblemKind.LineTooLong);
        allocated.ShouldBeLessThan(64 << 20);
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>Tests that measure allocations of the whole process and therefore never run in parallel with other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NonParallelCollection
{
    public const string Name = "NonParallel";
}

/// <summary>Small data that unpack to large data.</summary>
internal static class CompressionBomb
{
    /// <summary>Blanks as one gzip member, compressed to about a thousandth.</summary>
    public static byte[] OfBlanks(int count)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.SmallestSize))
        {
            var blanks = new byte[1 << 20];
            blanks.AsSpan().Fill((byte)' ');
            for (; count > 0; count -= blanks.Length)
                gzip.Write(blanks);
        }

        return output.ToArray();
    }
}
