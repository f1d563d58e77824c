namespace KisFeed.Wire;

/// <summary>Reads eight fields that stand side by side.</summary>
internal interface IValueLanes
{
    /// <summary>Reads eight fields.</summary>
    /// <param name="frame">The frame. For vectors no field ends within its first 16 bytes.</param>
    /// <param name="starts">Where each of the fields begins, and one behind the last: one behind the end of the field before. None is behind the frame. Where they do not ascend nothing is understood.</param>
    /// <param name="columns">What the fields may hold.</param>
    /// <param name="values">Room for eight values.</param>
    /// <param name="forms">Room for eight forms.</param>
    /// <returns>A bit for each field that was understood. What was written for the others has no meaning.</returns>
    static abstract int Read(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, Span<ulong> values, Span<byte> forms);
}
