using KisFeed.Wire;

namespace KisFeed.Cli.Records;

/// <summary>Takes frames apart into records, and tells once of every feed and width that is wider than known.</summary>
internal sealed class FrameRecords(FeedCatalog catalog, UnknownWidthReporter unknownWidthReporter)
{
    private readonly RecordReaderBuffer _scratch = new();

    /// <summary>Hands the records of a plain frame to a sink. A record that cannot be read does not keep the others back.</summary>
    public void Read<TSink>(in DataFrame frame, ref TSink sink)
        where TSink : IFrameRecordSink, allows ref struct
    {
        if (!catalog.TryGet(frame.TrId, out var feed))
        {
            sink.Malformed(new FrameError(FrameErrorKind.UnknownTrId, frame.Bytes.IndexOf((byte)'|') + 1), default);
            return;
        }

        if (!_scratch.TryRead(feed, frame, out var reader, out var error))
        {
            sink.Malformed(error, default);
            return;
        }

        if (reader.Shape.IsUnknownWidth)
            unknownWidthReporter.Report(feed, reader.Shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!sink.Accepts(feed, fields))
                continue;
            if (RecordJson.TryCheck(feed, fields, out error))
                sink.Record(feed, fields);
            else
                sink.Malformed(error, fields.Text);
        }
    }
}

/// <summary>Takes the records of a frame in their order.</summary>
internal interface IFrameRecordSink
{
    /// <summary>Whether a record is of interest; it is passed over otherwise, readable or not.</summary>
    bool Accepts(FeedSchema feed, scoped RecordFields fields);

    /// <summary>A record whose every column can be read.</summary>
    void Record(FeedSchema feed, scoped RecordFields fields);

    /// <summary>A record, or a whole frame, that cannot be read.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="record">The text of the record; empty where the whole frame is wrong.</param>
    void Malformed(FrameError error, scoped ReadOnlySpan<byte> record);
}

/// <summary>Warns of records that are wider than known, once for each feed and width.</summary>
internal sealed class UnknownWidthReporter(TextWriter warnings)
{
    private readonly HashSet<(string TrId, int Width)> _reported = [];

    public void Report(FeedSchema feed, in FrameShape shape)
    {
        if (!_reported.Add((feed.TrId, shape.Width)))
            return;
        warnings.WriteLine(
            $"kisfeed: warning: {feed.TrId} came with {shape.Width} columns, {shape.Layout.Width} are known; the others are under \"extra\", --layouts can name them");
    }
}
