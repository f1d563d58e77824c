using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The selected feeds and keys, and which of them have no record so far.</summary>
internal sealed class RecordFilter(IReadOnlyList<string> trIds, IReadOnlyList<string> keys)
{
    private readonly byte[][] _keys = [.. keys.Select(Encoding.UTF8.GetBytes)];
    private readonly List<string> _absentFeeds = [.. trIds];
    private readonly List<byte[]> _absentKeys = [.. keys.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];

    public IReadOnlyList<string> AbsentFeeds => _absentFeeds;

    public IReadOnlyList<string> AbsentKeys => [.. _absentKeys.Select(Encoding.UTF8.GetString)];

    public bool HasKeys => _keys.Length > 0;

    public bool Matches(ReadOnlySpan<byte> key)
    {
        if (_keys.Length == 0)
            return true;
        foreach (var wanted in _keys)
        {
            if (key.SequenceEqual(wanted))
                return true;
        }

        return false;
    }

    public void MarkFound(FeedSchema feed, ReadOnlySpan<byte> key)
    {
        if (_absentFeeds.Count > 0)
            _ = _absentFeeds.Remove(feed.TrId);
        for (var i = 0; i < _absentKeys.Count; i++)
        {
            if (!key.SequenceEqual(_absentKeys[i]))
                continue;
            _absentKeys.RemoveAt(i);
            return;
        }
    }
}
