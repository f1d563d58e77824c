using KisFeed.Capture;
using KisFeed.Gateway.History;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>Writes each frame as it was recorded, or those of its records that are wanted.</summary>
internal sealed class FramePastSink(IEnumerable<HistoryKey> keys, HistoryPosition after, IFrameFormatter formatter, OutletWriter writer)
    : PastSink(keys, after, writer)
{
    private readonly List<(FeedSchema Feed, byte[] Frame)> _parts = []; // Records of the current frame, if it has several.
    private Frame _frame;

    public override bool TakesFrames => true;

    public override void OnFrame(CaptureFile file, in Frame frame) => _frame = frame;

    public override void EndFrame()
    {
        if (_parts.Count == 0)
            return;
        if (DataFrame.TryParse(_frame.Bytes.Span, out var frame, out _) && frame.Count == _parts.Count)
        {
            Write(_parts[^1].Feed, _frame);
        }
        else
        {
            foreach (var (feed, part) in _parts)
                Write(feed, _frame with { Bytes = part });
        }

        _parts.Clear();
    }

    // Most frames have one record and are written at once; others when it is known whether all their records are wanted.
    protected override void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt)
    {
        if (_parts.Count == 0 && DataFrame.TryParse(_frame.Bytes.Span, out var frame, out _) && frame.Count == 1)
            Write(key.Feed, _frame);
        else
            _parts.Add((key.Feed, key.Frames.Of(fields.Text)));
    }

    private void Write(FeedSchema feed, in Frame frame) => formatter.WriteFrame(Writer.Output, feed, frame);
}
