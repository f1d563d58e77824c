namespace KisFeed.Soak.Measures;

/// <summary>The resource use of this process.</summary>
internal sealed record ProcessState
{
    /// <summary>Bytes of objects, including garbage unless a collection preceded.</summary>
    public required long Heap { get; init; }

    public required long WorkingSet { get; init; }

    /// <summary>Open sockets, pipes and files, without those of loaded assemblies; 0 without /proc.</summary>
    public required int Handles { get; init; }

    public required int Threads { get; init; }

    public required long Timers { get; init; }

    public required TimeSpan Cpu { get; init; }

    public required long Allocated { get; init; }

    private static bool HasProc { get; } = Directory.Exists("/proc/self/fd");

    /// <summary>Measures the current state.</summary>
    public static ProcessState Measure()
    {
        var status = HasProc ? File.ReadAllLines("/proc/self/status") : [];
        return new ProcessState
        {
            Heap = GC.GetTotalMemory(forceFullCollection: false),
            WorkingSet = Environment.WorkingSet,
            Handles = CountHandles(),
            Threads = status.Where(line => line.StartsWith("Threads:", StringComparison.Ordinal))
                .Select(line => int.Parse(line.AsSpan("Threads:".Length), provider: null))
                .FirstOrDefault(),
            Timers = Timer.ActiveCount,
            Cpu = Environment.CpuUsage.TotalTime,
            Allocated = GC.GetTotalAllocatedBytes(),
        };
    }

    /// <summary>Measures after a full collection, including finalizable objects.</summary>
    public static ProcessState MeasureAfterCollection()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return Measure();
    }

    private static int CountHandles() =>
        HasProc
            ? new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
                .Count(handle => Path.GetExtension(handle.LinkTarget) is not (".dll" or ".pdb"))
            : 0;
}
