using KisFeed.Cli.Output;
using KisFeed.Cli.Records;
using KisFeed.Wire;

namespace KisFeed.Cli.Decoding;

/// <summary>Writes the records of one line, and an error in the place of each that cannot be read.</summary>
internal ref struct LineRecords(JsonLines output, NameStyle names, ReadOnlySpan<byte> line, long number) : IRecordSink
{
    private readonly ReadOnlySpan<byte> _line = line;

    public long Read { get; private set; }

    public long Errors { get; private set; }

    public readonly bool Wants(FeedSchema feed, scoped RecordFields fields) => true;

    public void Record(FeedSchema feed, scoped RecordFields fields)
    {
        Read++;
        var json = output.Begin();
        json.WriteString(names == NameStyle.Kis ? "tr_id"u8 : "trId"u8, feed.TrId);
        RecordJson.WriteMembers(json, feed, fields, names);
        output.End();
    }

    // The whole line stands in the first error only: a long line of nothing but errors would otherwise grow with its square.
    public void Malformed(FrameError error, scoped ReadOnlySpan<byte> record)
    {
        scoped var raw = Errors == 0 ? _line : record;
        Errors++;
        LineErrorJson.Write(output, error.ToString(), error, number, raw);
    }
}
