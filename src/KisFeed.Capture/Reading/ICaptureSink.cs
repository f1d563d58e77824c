using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>Receives the content of a capture, in the order of receipt.</summary>
internal interface ICaptureSink
{
    /// <summary>Whether the sink accepts the records of a key. Other records are skipped, readable or not.</summary>
    bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key);

    /// <summary>A record with all columns readable.</summary>
    void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>
    /// A record of a key that is not tracked, because there are too many keys or the key is too long. Its gaps are not reported. Sinks keep
    /// state only for the keys of <see cref="OnRecord"/> and <see cref="OnGap"/>, whose number is bounded.
    /// </summary>
    void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>Data of a key is missing before the next record, or, if the gap has no end, at the end of the capture.</summary>
    void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    /// <summary>An unreadable frame or record.</summary>
    /// <param name="feed">The feed, if known.</param>
    /// <param name="key">The key of the record; empty for a whole frame.</param>
    /// <param name="receivedAt">The receive time of the frame.</param>
    /// <param name="error">The error.</param>
    /// <param name="raw">The frame, or the record.</param>
    void OnMalformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    /// <summary>An event of the capture. Gaps are also reported by <see cref="OnGap"/>, for each key at its next record.</summary>
    void OnEvent(CaptureEvent captureEvent);

    void OnProblem(CaptureProblem problem, CaptureFile file);

    /// <summary>A frame begins, readable or not.</summary>
    void OnFrame(CaptureFile file, in Frame frame);

    /// <summary>Records have more columns than any known layout.</summary>
    void OnUnknownWidth(FeedSchema feed, in FrameShape shape);
}
