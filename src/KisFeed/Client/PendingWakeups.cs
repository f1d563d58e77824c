using System.Runtime.InteropServices;

namespace KisFeed.Client;

/// <summary>
/// The consumers that have received items since they were last woken. Each is woken once for all frames of one read.
/// Used under the lock of the sessions.
/// </summary>
internal sealed class PendingWakeups
{
    private readonly List<AsyncWaiter> _due = [];

    public void Add(AsyncWaiter consumer)
    {
        if (consumer.IsDue)
            return;
        consumer.IsDue = true;
        _due.Add(consumer);
    }

    /// <summary>Wakes all marked consumers.</summary>
    public void Flush()
    {
        foreach (var consumer in CollectionsMarshal.AsSpan(_due))
        {
            consumer.IsDue = false;
            consumer.Set();
        }

        _due.Clear();
    }

    /// <summary>
    /// Unmarks all consumers and returns them, to be woken with <see cref="AsyncWaiter.SetHere"/> outside the lock. Those that may run
    /// there come last, so that the others need not wait for them.
    /// </summary>
    public AsyncWaiter[] Take()
    {
        if (_due.Count == 0)
            return [];
        var due = new AsyncWaiter[_due.Count];
        var (first, end) = (0, due.Length);
        foreach (var consumer in CollectionsMarshal.AsSpan(_due))
        {
            consumer.IsDue = false;
            due[consumer.MayRunConsumer ? --end : first++] = consumer;
        }

        _due.Clear();
        return due;
    }
}
