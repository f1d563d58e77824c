using System.Runtime.InteropServices;

namespace KisFeed.Capture.Export;

/// <summary>
/// Numbers frames of a feed that were received at the same time, identically in each export. A frame more than a microsecond
/// later than all previous frames has number 1: databases round times to microseconds, and frames that may be rounded to the
/// same one must have different numbers.
/// </summary>
internal sealed class FrameNumbers
{
    private static readonly TimeSpan s_nextTime = TimeSpan.FromMicroseconds(2);

    private readonly Dictionary<string, Last> _lasts = new(StringComparer.Ordinal);

    /// <summary>The number of the last frame.</summary>
    public int Current { get; private set; }

    public void Next(string? trId, DateTimeOffset receivedAt)
    {
        trId ??= "";
        var isSameTime = _lasts.TryGetValue(trId, out var last) && receivedAt - last.Latest < s_nextTime;
        Current = isSameTime ? last.Number + 1 : 1;
        // After a clock was set back, times repeat: the numbers continue until the clock has caught up.
        _lasts[trId] = new Last(isSameTime && last.Latest > receivedAt ? last.Latest : receivedAt, Current);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Last(DateTimeOffset Latest, int Number);
}
