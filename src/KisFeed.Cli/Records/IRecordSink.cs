using KisFeed.Wire;

namespace KisFeed.Cli.Records;

/// <summary>Takes the records of a frame in their order.</summary>
internal interface IRecordSink
{
    /// <summary>Whether a record is of interest; it is passed over otherwise, readable or not.</summary>
    bool Wants(FeedSchema feed, scoped RecordFields fields);

    /// <summary>A record whose every column can be read.</summary>
    void Record(FeedSchema feed, scoped RecordFields fields);

    /// <summary>A record, or a whole frame, that cannot be read.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="record">The text of the record; empty where the whole frame is wrong.</param>
    void Malformed(FrameError error, scoped ReadOnlySpan<byte> record);
}
