using System.Runtime.InteropServices;

namespace KisFeed;

/// <summary>
/// The consumers for whom something has come since they were last woken: of all frames that one read has brought, each is woken once. Used under the lock of the sessions.
/// </summary>
internal sealed class PendingWakeups
{
    private readonly List<AsyncWaiter> _due = [];

    /// <summary>Something has come for a consumer.</summary>
    public void Add(AsyncWaiter consumer)
    {
        if (consumer.IsDue)
            return;
        consumer.IsDue = true;
        _due.Add(consumer);
    }

    /// <summary>Wakes them.</summary>
    public void CarryOut()
    {
        foreach (var consumer in CollectionsMarshal.AsSpan(_due))
        {
            consumer.IsDue = false;
            consumer.Set();
        }

        _due.Clear();
    }
}
