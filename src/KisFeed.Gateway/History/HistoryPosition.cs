using System.Globalization;
using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>
/// A position in the order of receipt, behind a record: the time of its frame, which no other frame of a recording has, and the number
/// of the record in the frame, from 1.
/// </summary>
/// <param name="Ticks">The time of receipt in units of 100 ns, in UTC.</param>
/// <param name="Record">The number of the record; 0 for the position before the first.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HistoryPosition(long Ticks, int Record) : IComparable<HistoryPosition>
{
    /// <summary>The position before everything received at a time or later.</summary>
    public static HistoryPosition Before(DateTimeOffset at) => new(at.UtcTicks, 0);

    public static HistoryPosition Behind(DateTimeOffset at) => new(at.UtcTicks, int.MaxValue);

    public DateTimeOffset At => new(Ticks, TimeSpan.Zero);

    public static bool TryParse(ReadOnlySpan<char> text, out HistoryPosition position)
    {
        position = default;
        var dot = text.IndexOf('.');
        if (dot < 0
            || !long.TryParse(text[..dot], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var ticks)
            || !KoreaTimeText.IsInKorea(ticks)
            || !int.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var record))
        {
            return false;
        }

        position = new HistoryPosition(ticks, record);
        return true;
    }

    public int CompareTo(HistoryPosition other) => Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : Record.CompareTo(other.Record);

    /// <summary>The position as text, e.g. <c>8de26e8b4c5f2a0.1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ticks:x}.{Record}");

    public static bool operator <(HistoryPosition left, HistoryPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(HistoryPosition left, HistoryPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(HistoryPosition left, HistoryPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HistoryPosition left, HistoryPosition right) => left.CompareTo(right) >= 0;
}
