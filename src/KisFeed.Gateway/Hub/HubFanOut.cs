using System.Collections.Immutable;

namespace KisFeed.Gateway;

/// <summary>Tells several sinks what comes from upstream, each item to all of them before the next, in the order in which they were given.</summary>
internal sealed class HubFanOut(ImmutableArray<IHubSink> sinks) : IHubSink
{
    private readonly Lock _gate = new();

    /// <summary>Does something between two items, so that either all sinks have had an item or none. It must be brief, and not call the hub.</summary>
    public void Between(Action action)
    {
        lock (_gate)
            action();
    }

    public void OnFrame(in TapItem item, string? noticeKey)
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnFrame(item, noticeKey);
        }
    }

    public void OnEvent(in TapItem item)
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnEvent(item);
        }
    }

    public void OnSource(DataSource source)
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnSource(source);
        }
    }

    public void OnPause()
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnPause();
        }
    }

    public void OnOver(string problem)
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnOver(problem);
        }
    }
}
