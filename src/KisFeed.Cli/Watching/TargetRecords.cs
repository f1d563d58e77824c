using System.Text;
using KisFeed.Cli.Options;
using KisFeed.Cli.Records;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Passes on those records of a frame that are the target's, and no more than are still wanted.</summary>
internal ref struct TargetRecords(WatchTarget target, Frame frame, ITickOutput output, long wanted) : IRecordSink
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(target.Key);
    private bool _hasError;

    /// <summary>Records passed on.</summary>
    public long Count { get; private set; }

    // A frame may hold records of several keys. An order notice is the target's because its key decrypted it.
    public readonly bool Wants(FeedSchema feed, scoped RecordFields fields) =>
        Count < wanted && (feed.IsNotice || FieldText.Trim(fields[feed.KeyColumn]).SequenceEqual(_key));

    public void Record(FeedSchema feed, scoped RecordFields fields)
    {
        Count++;
        output.Record(target, frame.ReceivedAt, fields);
    }

    // The whole frame goes with the first error only: a frame of nothing but errors would otherwise grow with its square.
    public void Malformed(FrameError error, scoped ReadOnlySpan<byte> record)
    {
        output.Malformed(target, frame.ReceivedAt, error, _hasError ? record : frame.Bytes.Span);
        _hasError = true;
    }
}
