using System.Collections.Concurrent;

namespace KisFeed.Capture;

/// <summary>
/// The thread that a recorder writes with, for as long as it lives: the disk may take any time, which would hold up a thread of the pool, and a process that is short of memory or threads may
/// not get another when it is time to flush.
/// </summary>
internal sealed class DiskThread : IDisposable
{
    private readonly BlockingCollection<Work> _waiting = [];

    private DiskThread()
    {
    }

    public static DiskThread Start()
    {
        var thread = new DiskThread();
        new Thread(thread.Run) { IsBackground = true, Name = "KisFeed recorder" }.Start();
        return thread;
    }

    /// <summary>Runs an action on the thread, after those before it.</summary>
    public Task RunAsync(Action act)
    {
        var work = new Work(act);
        _waiting.Add(work);
        return work.Task;
    }

    /// <summary>Ends the thread once it has run what it was given.</summary>
    public void Dispose() => _waiting.CompleteAdding();

    private void Run()
    {
        using (_waiting)
        {
            foreach (var work in _waiting.GetConsumingEnumerable())
                work.Run();
        }
    }

    private sealed class Work(Action act) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Run()
        {
            try
            {
                act();
                TrySetResult();
            }
#pragma warning disable CA1031 // It belongs to the caller; here it would end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                TrySetException(e);
            }
        }
    }
}
