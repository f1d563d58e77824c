namespace KisFeed.Soak.Gateways.Measures;

/// <summary>What the runtime of a process says of its memory.</summary>
internal sealed record RuntimeState
{
    /// <summary>Bytes of objects, dead ones included unless a collection went before.</summary>
    public required long Heap { get; init; }

    /// <summary>Bytes of objects that the last collection left, and the room between them.</summary>
    public required long HeapAfterCollection { get; init; }

    /// <summary>Of those, the room between them.</summary>
    public required long Fragmented { get; init; }

    /// <summary>Bytes that the collector has from the system.</summary>
    public required long Committed { get; init; }

    /// <summary>Of what the last collection left: the oldest generation, large objects, pinned ones.</summary>
    public required long Oldest { get; init; }

    public required long Large { get; init; }

    public required long Pinned { get; init; }

    public required long Allocated { get; init; }

    public required int Collections { get; init; }

    public required int FullCollections { get; init; }

    public required double PauseSeconds { get; init; }

    public required int PoolThreads { get; init; }

    public required long Timers { get; init; }

    /// <summary>Memory outside of the collector's.</summary>
    public required NativeHeap Native { get; init; }

    public static RuntimeState Take()
    {
        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        var generations = memory.GenerationInfo;
        return new RuntimeState
        {
            Heap = GC.GetTotalMemory(forceFullCollection: false),
            HeapAfterCollection = memory.HeapSizeBytes,
            Fragmented = memory.FragmentedBytes,
            Committed = memory.TotalCommittedBytes,
            Oldest = generations[2].SizeAfterBytes,
            Large = generations[3].SizeAfterBytes,
            Pinned = generations[4].SizeAfterBytes,
            Allocated = GC.GetTotalAllocatedBytes(),
            Collections = GC.CollectionCount(0),
            FullCollections = GC.CollectionCount(2),
            PauseSeconds = GC.GetTotalPauseDuration().TotalSeconds,
            PoolThreads = ThreadPool.ThreadCount,
            Timers = Timer.ActiveCount,
            Native = NativeHeap.Take(),
        };
    }

    /// <summary>How it is once everything dead has been collected.</summary>
    public static RuntimeState TakeAfterCollection()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return Take();
    }
}
