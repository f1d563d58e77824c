using KisFeed.Gateway.History;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Days;

/// <summary>The recorded day of a key. Not thread-safe.</summary>
/// <param name="key">The key.</param>
/// <param name="until">The time of receipt before which records are wanted; <see langword="null"/> for all.</param>
internal sealed class RecordedDay(HistoryKey key, DateTimeOffset? until)
{
    private readonly KeyDay _day = new(new DayColumns(key.Feed));
    private byte[] _last = [];
    private int _lastLength;
    private FrameShape _lastShape;
    private DateTimeOffset _lastAt;

    public HistoryKey Key => key;

    public long Records { get; private set; }

    public Day? Day => _day.Copy();

    /// <summary>The record with the latest time, as a frame with this record alone; <see langword="null"/> if there is none.</summary>
    public (byte[] Frame, FrameShape Shape, DateTimeOffset ReceivedAt)? Last =>
        _lastLength == 0 ? null : (key.Frames.Of(_last.AsSpan(0, _lastLength)), _lastShape, _lastAt);

    public void Add(in RecordFields fields, FrameShape shape, DateTimeOffset receivedAt)
    {
        if (receivedAt >= until)
            return;
        Records++;
        if (!_day.Add(fields, receivedAt))
            return;
        var text = fields.Text;
        if (_last.Length < text.Length)
            _last = new byte[text.Length * 2];
        text.CopyTo(_last);
        (_lastLength, _lastShape, _lastAt) = (text.Length, shape, receivedAt);
    }

    // A gap that ends with the first record that is not wanted is still open here.
    public void Add(Gap gap)
    {
        if (!(gap.To > until))
            _day.OpenGap(JsonName.Of(gap.Reason));
    }
}
