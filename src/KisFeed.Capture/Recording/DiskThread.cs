using System.Collections.Concurrent;

namespace KisFeed.Capture.Recording;

/// <summary>
/// The dedicated thread on which a recorder writes. The disk may block for any time, which would block a pool thread, and a process that is
/// short of memory or threads may not get another thread when a flush is due.
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

    public Task RunAsync(Action act)
    {
        var work = new Work(act);
        _waiting.Add(work);
        return work.Task;
    }

    /// <summary>Ends the thread after the queued actions.</summary>
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
#pragma warning disable CA1031 // The caller gets it through the task; here it would end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                TrySetException(e);
            }
        }
    }
}
