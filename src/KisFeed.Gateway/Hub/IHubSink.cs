using System.Collections.Immutable;

namespace KisFeed.Gateway;

/// <summary>Takes what comes from upstream, one item at a time and in order. Must not wait for any consumer.</summary>
internal interface IHubSink
{
    /// <summary>A frame, of which the bytes are valid during the call.</summary>
    /// <param name="item">The frame.</param>
    /// <param name="noticeKey">Of an order notice, whose it is; <see langword="null"/> for every other frame.</param>
    void OnFrame(in TapItem item, string? noticeKey);

    /// <summary>What happened to registrations and sessions, gaps, and frames that cannot be read.</summary>
    void OnEvent(in TapItem item);

    /// <summary>Where the data come from is known, or has changed.</summary>
    void OnSource(DataSource source)
    {
        // Few have to know.
    }

    /// <summary>Nothing more is at hand just now: what was kept back, to go out together with what might have followed, goes out.</summary>
    void OnPause()
    {
        // Mostly nothing is.
    }

    /// <summary>Nothing comes any more, because upstream is lost for good.</summary>
    void OnOver(string problem);
}

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
