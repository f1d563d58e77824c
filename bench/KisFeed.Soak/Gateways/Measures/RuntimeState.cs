namespace KisFeed.Soak.Gateways.Measures;

/// <summary>The memory and other resources of a runtime.</summary>
internal sealed record RuntimeState
{
    /// <summary>Bytes of objects, including garbage unless a collection preceded.</summary>
    public required long Heap { get; init; }

    /// <summary>Bytes of the heap after the last collection, including fragmentation.</summary>
    public required long HeapAfterCollection { get; init; }

    /// <summary>Bytes of fragmentation after the last collection.</summary>
    public required long Fragmented { get; init; }

    /// <summary>Bytes that the collector has committed.</summary>
    public required long Committed { get; init; }

    /// <summary>Bytes of the oldest generation after the last collection.</summary>
    public required long Oldest { get; init; }

    public required long Large { get; init; }

    public required long Pinned { get; init; }

    public required long Allocated { get; init; }

    public required int Collections { get; init; }

    public required int FullCollections { get; init; }

    public required double PauseSeconds { get; init; }

    public required int PoolThreads { get; init; }

    public required long Timers { get; init; }

    /// <summary>Native memory.</summary>
    public required NativeHeap Native { get; init; }

    public static RuntimeState Measure()
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
            Native = NativeHeap.Measure(),
        };
    }

    /// <summary>Measures after a full collection.</summary>
    public static RuntimeState MeasureAfterCollection()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return Measure();
    }
}
