using System.Runtime.InteropServices;

namespace KisFeed.Capture;

/// <summary>
/// Tells apart frames of a feed that were received at the same time, by numbers that are the same in each export. A frame more than a microsecond later than all frames before it has number 1:
/// databases keep microseconds and round to them, and frames that may have the same microsecond there must differ.
/// </summary>
internal sealed class FrameNumbers
{
    private static readonly TimeSpan s_nextTime = TimeSpan.FromMicroseconds(2);

    private readonly Dictionary<string, Last> _lasts = new(StringComparer.Ordinal);

    /// <summary>The number of the frame that came last.</summary>
    public int Current { get; private set; }

    /// <summary>The next frame.</summary>
    public void Next(string? trId, DateTimeOffset receivedAt)
    {
        trId ??= "";
        var isSameTime = _lasts.TryGetValue(trId, out var last) && receivedAt - last.Latest < s_nextTime;
        Current = isSameTime ? last.Number + 1 : 1;
        // A clock that was set back gives times a second time: until it has caught up, frames are counted on.
        _lasts[trId] = new Last(isSameTime && last.Latest > receivedAt ? last.Latest : receivedAt, Current);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Last(DateTimeOffset Latest, int Number);
}
