using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace KisFeed.RabbitMq.Format;

/// <summary>A frame or an event.</summary>
/// <param name="Kind">The kind, which may be one that this version does not know.</param>
/// <param name="At">The time of receipt, or of the event.</param>
/// <param name="EpochBytes">The key epochs as sent.</param>
/// <param name="Content">The frame, or the JSON of the event.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchEntry(EntryKind Kind, DateTimeOffset At, ReadOnlyMemory<byte> EpochBytes, ReadOnlyMemory<byte> Content)
{
    /// <summary>The day that the source states for a frame; <see langword="null"/> if it states none.</summary>
    public DateOnly? StatedDay { get; init; }

    /// <summary>The number of key epochs: 0 for none, 1 for all records, otherwise one for each record.</summary>
    public int EpochCount => EpochBytes.Length / sizeof(uint);

    /// <summary>
    /// The key epoch of a record, from 0; <see langword="null"/> if it is unknown, because the frame has
    /// more records than an entry has epochs.
    /// </summary>
    public uint? EpochOf(int record)
    {
        if (EpochCount == 0)
            return 0;
        var index = EpochCount == 1 ? 0 : record;
        return index < EpochCount ? BinaryPrimitives.ReadUInt32LittleEndian(EpochBytes.Span[(index * sizeof(uint))..]) : null;
    }
}
