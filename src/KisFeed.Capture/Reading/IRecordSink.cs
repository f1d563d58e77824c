using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Takes what a capture holds, in the order of receipt.</summary>
internal interface IRecordSink
{
    /// <summary>Whether the records of a key are of interest; they are passed over otherwise, readable or not.</summary>
    bool Wants(FeedSchema feed, ReadOnlySpan<byte> key);

    /// <summary>A record whose every column can be read.</summary>
    void Record(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>
    /// The same of a key beyond those that are told apart, because there are too many, or because it is too long: no gaps of it are told. What is kept for each key
    /// is kept only for those of <see cref="Record"/> and <see cref="Gap"/>, whose number is bounded.
    /// </summary>
    void Unfollowed(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>Data of a key are missing before the record that follows, or, where the gap has no end, before the end of the capture.</summary>
    void Gap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    /// <summary>A frame that cannot be read, or a record of one.</summary>
    /// <param name="feed">The feed, where it is known.</param>
    /// <param name="key">The key of the record; empty for a whole frame.</param>
    /// <param name="receivedAt">When the frame was received.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="raw">The frame, or the record.</param>
    void Malformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    /// <summary>An event of the capture. Gaps are told by <see cref="Gap"/> besides, for each key and where its records go on.</summary>
    void Event(CaptureEvent happened);

    /// <summary>A flaw of a file.</summary>
    void Problem(CaptureProblem problem, CaptureFile file);

    /// <summary>A frame begins, readable or not.</summary>
    void Frame(CaptureFile file, in Frame frame);

    /// <summary>Records are wider than any layout that is known.</summary>
    void UnknownWidth(FeedSchema feed, in FrameShape shape);
}
