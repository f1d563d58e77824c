using KisFeed.Cli.Decoding;

namespace KisFeed.Cli.Watching;

/// <summary>Passes on the records of a frame that belong to the target, up to a maximum.</summary>
internal ref struct TargetRecords(WatchTarget target, Frame frame, Output<TickItem> output, long wanted) : IFrameRecordSink
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(target.Key);
    private bool _hasError;

    public long Count { get; private set; }

    // A frame may hold records of several keys. An order notice belongs to the target because its key decrypted it.
    public readonly bool Accepts(FeedSchema feed, scoped RecordFields fields) =>
        Count < wanted && feed.IsOfKey(fields, _key);

    public void OnRecord(FeedSchema feed, scoped RecordFields fields)
    {
        Count++;
        output.Write(new TickItem(target, frame.ReceivedAt, fields));
    }

    // Only the first error has the whole frame: otherwise the output of a frame of errors would grow quadratically.
    public void OnMalformed(FrameError error, scoped ReadOnlySpan<byte> record)
    {
        output.Write(new TickItem(
            target, new MalformedFrame { ReceivedAt = frame.ReceivedAt, Error = error, Raw = _hasError ? record.ToArray() : frame.Bytes }));
        _hasError = true;
    }
}
