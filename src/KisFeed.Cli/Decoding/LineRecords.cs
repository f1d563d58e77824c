namespace KisFeed.Cli.Decoding;

/// <summary>Writes the records of one line, and an error in the place of each unreadable record.</summary>
internal ref struct LineRecords(LineBuffer output, NameStyle names, ReadOnlySpan<byte> line, long number) : IFrameRecordSink
{
    private readonly ReadOnlySpan<byte> _line = line;

    public long RecordsWritten { get; private set; }

    public long Errors { get; private set; }

    public readonly bool Accepts(FeedSchema feed, scoped RecordFields fields) => true;

    public void OnRecord(FeedSchema feed, scoped RecordFields fields)
    {
        RecordsWritten++;
        var json = output.BeginObject();
        json.WriteString(names == NameStyle.Kis ? "tr_id"u8 : "trId"u8, feed.TrId);
        RecordJson.WriteMembers(json, feed, fields, names);
        output.EndObject();
    }

    // Only the first error has the whole line: otherwise the output of a long line of errors would grow quadratically.
    public void OnMalformed(FrameError error, scoped ReadOnlySpan<byte> record)
    {
        scoped var raw = Errors == 0 ? _line : record;
        Errors++;
        LineErrorJson.Write(output, error.ToString(), error, number, raw);
    }
}
