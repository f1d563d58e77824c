using System.Collections.Immutable;

namespace KisFeed.Gateway.Hub;

/// <summary>Receives frames and events from upstream, one at a time and in order. Must not wait for any consumer.</summary>
internal interface IHubSink
{
    /// <summary>Receives a frame, whose bytes are valid during the call.</summary>
    /// <param name="item">The frame.</param>
    /// <param name="noticeKey">The HTS ID of an order notice; <see langword="null"/> for all other frames.</param>
    void OnFrame(in TapItem item, string? noticeKey);

    /// <summary>Receives an event: a change of a registration or session, a gap, or a malformed frame.</summary>
    void OnEvent(in TapItem item);

    /// <summary>The source of the data is known, or has changed.</summary>
    void OnSource(DataSource source)
    {
        // Most sinks do not need it.
    }

    /// <summary>No more frames are available now: the sink must send what it has batched.</summary>
    void OnIdle()
    {
        // Most sinks do not batch.
    }

    /// <summary>Nothing more comes, because upstream failed permanently.</summary>
    void OnUpstreamEnded(string problem);
}

/// <summary>Forwards each item from upstream to several sinks, in their order, before the next item.</summary>
internal sealed class HubFanOut(ImmutableArray<IHubSink> sinks) : IHubSink
{
    private readonly Lock _gate = new();

    /// <summary>
    /// Runs an action between two items, so that each item has reached all sinks or none. The action must return quickly and not call the hub.
    /// </summary>
    public void RunBetweenItems(Action action)
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
