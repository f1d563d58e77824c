using System.Buffers;
using System.Collections.Immutable;

namespace KisFeed.Wire;

/// <summary>A record type of a feed. Implemented by the source generator from the attributes of the record's properties.</summary>
/// <typeparam name="TSelf">The record type itself.</typeparam>
public interface IFeedRecord<TSelf>
    where TSelf : struct, IFeedRecord<TSelf>
{
    /// <summary>The columns, in the order of the broker's document.</summary>
    static abstract ImmutableArray<Column> Columns { get; }

    /// <summary>The time at which the frame of the record was received.</summary>
    DateTimeOffset ReceivedAt { get; }

    /// <summary>The columns that the type does not have.</summary>
    ExtraColumns Extra { get; }

    /// <summary>Reads a record. Reports the column of the first error.</summary>
    static abstract bool TryDecode(
        in RecordFields fields, StringPool texts, DateTimeOffset receivedAt, out TSelf record, out FrameError error);

    /// <summary>Writes the record's fields, <c>^</c>-separated, as the broker would.</summary>
    static abstract void Encode(in TSelf record, IBufferWriter<byte> output);
}
