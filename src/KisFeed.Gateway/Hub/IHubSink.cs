namespace KisFeed.Gateway.Hub;

/// <summary>Receives frames and events from upstream, one at a time and in order. Must not wait for any consumer.</summary>
internal interface IHubSink
{
    /// <summary>Receives a frame, whose bytes are valid during the call.</summary>
    /// <param name="item">The frame.</param>
    /// <param name="noticeKey">The HTS ID of an order notice; <see langword="null"/> for all other frames.</param>
    void OnFrame(in FrameItem item, string? noticeKey);

    /// <summary>
    /// Receives an event: a change of a registration or session, a gap, or a malformed frame. An eviction is an
    /// <see cref="Interruption"/>.
    /// </summary>
    void OnEvent(in FrameItem item);

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
