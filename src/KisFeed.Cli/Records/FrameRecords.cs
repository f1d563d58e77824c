using KisFeed.Wire;

namespace KisFeed.Cli.Records;

/// <summary>Takes frames apart into records, and tells once of every feed and width that is wider than known.</summary>
internal sealed class FrameRecords(FeedCatalog catalog, UnknownWidths unknownWidths)
{
    private readonly RecordReaderBuffer _scratch = new();

    /// <summary>Hands the records of a plain frame to a sink. A record that cannot be read does not keep the others back.</summary>
    public void Read<TSink>(in DataFrame frame, ref TSink sink)
        where TSink : IRecordSink, allows ref struct
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
            unknownWidths.Report(feed, reader.Shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!sink.Wants(feed, fields))
                continue;
            if (RecordJson.TryCheck(feed, fields, out error))
                sink.Record(feed, fields);
            else
                sink.Malformed(error, fields.Text);
        }
    }
}
