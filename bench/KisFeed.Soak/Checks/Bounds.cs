using KisFeed.Soak.Measures;

namespace KisFeed.Soak.Checks;

/// <summary>Limits on the growth of the process between the warm-up and the end. Checked only after a sufficiently long warm-up.</summary>
internal static class Bounds
{
    /// <summary>Allows for varying fill levels of queues and pools.</summary>
    public const long Heap = 8 << 20;

    /// <summary>Allows for memory that the runtime has not returned to the system yet.</summary>
    public const long WorkingSet = 64 << 20;

    /// <summary>Allows for pooled HTTP connections to the simulator.</summary>
    public const int Handles = 8;

    /// <summary>Allows for changes of the thread pool.</summary>
    public const int Threads = 8;

    /// <summary>Allows for pending delays and timeouts.</summary>
    public const int Timers = 16;

    /// <summary>The shortest warm-up after which growth is meaningful.</summary>
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
