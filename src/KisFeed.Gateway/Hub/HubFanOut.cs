using System.Collections.Immutable;

namespace KisFeed.Gateway;

/// <summary>Tells several sinks what comes from upstream, each item to all of them before the next, in the order in which they were given.</summary>
internal sealed class HubFanOut(ImmutableArray<IHubSink> sinks) : IHubSink
{
    public void OnFrame(in TapItem item, string? noticeKey)
    {
        foreach (var sink in sinks)
            sink.OnFrame(item, noticeKey);
    }

    public void OnEvent(in TapItem item)
    {
        foreach (var sink in sinks)
            sink.OnEvent(item);
    }

    public void OnOver(string problem)
    {
        foreach (var sink in sinks)
            sink.OnOver(problem);
    }
}
