namespace KisFeed.Capture.Tests;

/// <summary>Files that are made to fill the memory of whoever reads them.</summary>
[Collection(AloneCollection.Name)]
public sealed class BoundedMemoryTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task A_bomb_is_given_up_in_bounded_memory()
    {
        // A gigabyte of blanks in a megabyte: one line without an end.
        var path = _folder.Put("bomb.log.gz", Bomb.OfBlanks(1 << 30));
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
