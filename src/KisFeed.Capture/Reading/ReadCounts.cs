using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>What has been met so far of a capture that is being gone through.</summary>
public abstract class ReadCounts
{
    private const int MaxMessages = 10;

    private readonly List<string> _messages = [];

    private protected ReadCounts()
    {
    }

    /// <summary>Frames read, readable or not.</summary>
    public long Frames { get; internal set; }

    /// <summary>Gaps met: for each key and each time its data are missing, one.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Frames, and records of frames, that could not be read.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Flaws of the files: malformed lines, damage, torn ends.</summary>
    public long Problems { get; private set; }

    /// <summary>The first flaws of the files, in words; not all where there are many.</summary>
    public IReadOnlyList<string> FirstProblems => _messages;

    /// <summary>The TR IDs that were asked for and of which there has been no record.</summary>
    public IReadOnlyList<string> AbsentFeeds => RecordFilter?.AbsentFeeds ?? [];

    /// <summary>The keys that were asked for and of which there has been no record.</summary>
    public IReadOnlyList<string> AbsentKeys => RecordFilter?.AbsentKeys ?? [];

    /// <summary>The records that there were to select from; <see langword="null"/> where no span is asked for, or none has been met.</summary>
    public SpanCounts? Span { get; internal set; }

    internal RecordFilter? RecordFilter { get; set; }

    internal void Add(CaptureProblem problem)
    {
        Problems++;
        if (_messages.Count < MaxMessages)
            _messages.Add(problem.Message);
    }
}

/// <summary>The feeds and keys that are asked for, and of which of them no record has come.</summary>
internal sealed class RecordFilter(IReadOnlyList<string> trIds, IReadOnlyList<string> keys)
{
    private readonly byte[][] _keys = [.. keys.Select(Encoding.UTF8.GetBytes)];
    private readonly List<string> _absentFeeds = [.. trIds];
    private readonly List<byte[]> _absentKeys = [.. keys.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];

    public IReadOnlyList<string> AbsentFeeds => _absentFeeds;

    public IReadOnlyList<string> AbsentKeys => [.. _absentKeys.Select(Encoding.UTF8.GetString)];

    /// <summary>Whether there are keys that are asked for, rather than all.</summary>
    public bool HasKeys => _keys.Length > 0;

    /// <summary>Whether a key is asked for.</summary>
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

    /// <summary>A record of a key has come.</summary>
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
