using KisFeed.Soak.Measures;

namespace KisFeed.Soak.Checks;

/// <summary>How much more the process may take at the end than after warming up; looked at where there was time to warm up.</summary>
internal static class Bounds
{
    /// <summary>Queues and pools are never equally full.</summary>
    public const long Heap = 8 << 20;

    /// <summary>The runtime gives memory back when it likes to.</summary>
    public const long WorkingSet = 64 << 20;

    /// <summary>A connection to the simulator's own page may be open or not.</summary>
    public const int Handles = 8;

    /// <summary>The thread pool adds and takes away.</summary>
    public const int Threads = 8;

    /// <summary>A delay or a timeout may be pending or not.</summary>
    public const int Timers = 16;

    /// <summary>The shortest warming up after which more at the end tells something.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(10);

    public static void Check(TimeSpan warmUp, ProcessState start, ProcessState end, Findings findings)
    {
        if (warmUp < s_warmUp)
            return;
        Check("the heap", start.Heap, end.Heap, Heap, findings);
        Check("the working set", start.WorkingSet, end.WorkingSet, WorkingSet, findings);
        Check("open handles", start.Handles, end.Handles, Handles, findings);
        Check("threads", start.Threads, end.Threads, Threads, findings);
        Check("timers", start.Timers, end.Timers, Timers, findings);
    }

    private static void Check(string what, long start, long end, long bound, Findings findings)
    {
        if (end > start + bound)
            findings.Add($"{what} grew from {start} to {end}, by more than {bound}");
    }
}
