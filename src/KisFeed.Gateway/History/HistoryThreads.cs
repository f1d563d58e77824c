using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KisFeed.Gateway.History;

/// <summary>
/// The threads on which the past is read and written as text, half as many as there are processors. Live data are handled by
/// the thread pool, in whose queues the past therefore never waits before them, however many read it. Turns are taken in the
/// order of their requests. Thread-safe.
/// </summary>
internal sealed class HistoryThreads : IDisposable
{
    private readonly BlockingCollection<Action> _turns = [];
    private readonly int _count = Math.Max(1, Environment.ProcessorCount / 2);
    private int _started;

    /// <summary>Waits for a turn. The caller continues on one of the threads, and keeps it until it waits for something else.</summary>
    public Turn TurnAsync() => new(this);

    /// <summary>Ends the threads after the turns that are waited for. Later turns are on the thread of their caller.</summary>
    public void Dispose() => _turns.CompleteAdding();

    // The threads are started when the past is first read.
    private void Enqueue(Action turn)
    {
        try
        {
            _turns.Add(turn);
        }
        catch (InvalidOperationException)
        {
            turn(); // They have ended.
            return;
        }

        if (_started < _count && Interlocked.Increment(ref _started) <= _count)
            new Thread(Run) { IsBackground = true, Name = "KisFeed history" }.Start();
    }

    private void Run()
    {
        LowerPriority();
        foreach (var turn in _turns.GetConsumingEnumerable())
        {
            turn();

            // Threads with live data that wait for this processor get it now, not at the end of a time slice.
            Thread.Yield();
        }
    }

    // Live data go first on a processor that both want. With a still lower priority a stream would never reach the present while other
    // programs keep all processors busy. .NET sets the priority of a thread on Windows only; on Linux the call changes the calling thread
    // alone, and needs no rights. If it is refused, the past is as important as the rest.
    private static void LowerPriority()
    {
        if (OperatingSystem.IsLinux())
            _ = SetPriority(0, 0, 5);
        else
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int kind, uint id, int priority);

    internal readonly struct Turn(HistoryThreads threads) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => threads._turns.IsAddingCompleted;

        public Turn GetAwaiter() => this;

        public void GetResult()
        {
            // A turn has no result.
        }

        public void OnCompleted(Action continuation) => threads.Enqueue(continuation);

        public void UnsafeOnCompleted(Action continuation) => threads.Enqueue(continuation);
    }
}
