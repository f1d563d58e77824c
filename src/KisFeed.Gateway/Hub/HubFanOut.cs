using System.Collections.Immutable;

namespace KisFeed.Gateway.Hub;

/// <summary>Forwards each item from upstream to several sinks, in their order, before the next item.</summary>
internal sealed class HubFanOut(ImmutableArray<IHubSink> sinks) : IHubSink
{
    private readonly Lock _gate = new();

    /// <summary>
    /// Runs an action between two items, so that each item has reached all sinks or none. The action must
    /// return quickly and not call the hub.
    /// </summary>
    public void RunBetweenItems(Action action)
    {
        lock (_gate)
            action();
    }

    public void OnFrame(in FrameItem item, string? noticeKey)
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnFrame(item, noticeKey);
        }
    }

    public void OnEvent(in FrameItem item)
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

    public void OnIdle()
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnIdle();
        }
    }

    public void OnUpstreamEnded(string problem)
    {
        lock (_gate)
        {
            foreach (var sink in sinks)
                sink.OnUpstreamEnded(problem);
        }
    }
}
