using System.Buffers;
using System.Text;
using KisFeed.Capture.Files;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>Selects the frames of one feed.</summary>
internal sealed class FeedFrames(FeedSchema feed, IEnumerable<string> keys)
{
    private const int MaxEarlier = 1_024;

    // An export numbers the frames that were received within so short a time, whatever their keys.
    private static readonly TimeSpan s_sameTime = TimeSpan.FromMicroseconds(2);

    private readonly HashSet<string> _names = keys.ToHashSet(StringComparer.Ordinal);
    private readonly Dictionary<byte[], bool> _keys = keys.ToDictionary(Encoding.UTF8.GetBytes, _ => true, Utf8KeyComparer.Instance);
    private readonly List<Frame> _earlier = [];
    private readonly RecordReaderBuffer _scratch = new();
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;

    public FeedSchema Feed => feed;

    /// <summary>Whether an event of a key is shown. The HTS IDs of others are not.</summary>
    public bool MayShow(string? key) => !feed.IsNotice || key is null || _names.Contains(key);

    /// <summary>Writes the line of a frame if it is wanted, after others that were received at nearly the same time.</summary>
    public void Write(IBufferWriter<byte> output, FrameLineWriter lines, in Frame frame)
    {
        if (frame.ReceivedAt - _lastAt >= s_sameTime)
            _earlier.Clear();
        if (frame.ReceivedAt > _lastAt)
            _lastAt = frame.ReceivedAt;
        if (!IsWanted(frame.Bytes.Span))
        {
            if (!feed.IsNotice)
                _earlier.Add(frame);
            if (_earlier.Count == MaxEarlier)
                WriteEarlier(output, lines);
            return;
        }

        WriteEarlier(output, lines);
        lines.Write(output, feed.TrId, frame);
    }

    private void WriteEarlier(IBufferWriter<byte> output, FrameLineWriter lines)
    {
        foreach (var earlier in _earlier)
            lines.Write(output, feed.TrId, earlier);
        _earlier.Clear();
    }

    // A frame that cannot be read may have any key. Frames of notices must not show those of others.
    private bool IsWanted(ReadOnlySpan<byte> bytes)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !PlainFrame.TryRead(feed, frame, _scratch, out var reader, out _))
            return !feed.IsNotice;
        var wanted = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();
        var count = 0;
        while (reader.MoveNext())
        {
            if (!wanted.ContainsKey(feed.KeyOf(reader.Current)))
                continue;
            if (!feed.IsNotice)
                return true;
            count++;
        }

        return count > 0 && count == frame.Count;
    }
}
