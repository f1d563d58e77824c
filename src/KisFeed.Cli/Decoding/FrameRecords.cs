namespace KisFeed.Cli.Decoding;

/// <summary>Splits frames into records, and warns about those that are not completely understood.</summary>
internal sealed class FrameRecords(FeedCatalog catalog, RecordWarnings warnings)
{
    private readonly RecordReaderBuffer _scratch = new();

    /// <summary>Passes the records of a plain frame to a sink. An unreadable record does not stop the others.</summary>
    public void Read<TSink>(in DataFrame frame, ref TSink sink)
        where TSink : IFrameRecordSink, allows ref struct
    {
        if (!catalog.TryGet(frame.TrId, out var feed))
        {
            sink.OnMalformed(new FrameError(FrameErrorKind.UnknownTrId, frame.Bytes.IndexOf((byte)'|') + 1), default);
            return;
        }

        if (!_scratch.TryRead(feed, frame, out var reader, out var error))
        {
            sink.OnMalformed(error, default);
            return;
        }

        if (reader.Shape.IsUnknownWidth)
            warnings.UnknownWidth(feed, reader.Shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!sink.Accepts(feed, fields))
                continue;
            if (!RecordJson.TryCheck(feed, fields, out error))
            {
                sink.OnMalformed(error, fields.Text);
                continue;
            }

            if (feed.HasScaledPrices && fields.PriceScale is null)
                warnings.Unscaled(feed, fields);
            sink.OnRecord(feed, fields);
        }
    }
}

/// <summary>Receives the records of a frame in order.</summary>
internal interface IFrameRecordSink
{
    /// <summary>Whether the sink accepts a record. Other records are skipped, readable or not.</summary>
    bool Accepts(FeedSchema feed, scoped RecordFields fields);

    /// <summary>A record with all columns readable.</summary>
    void OnRecord(FeedSchema feed, scoped RecordFields fields);

    /// <summary>An unreadable record or frame.</summary>
    /// <param name="error">The error.</param>
    /// <param name="record">The text of the record; empty if the whole frame is unreadable.</param>
    void OnMalformed(FrameError error, scoped ReadOnlySpan<byte> record);
}
