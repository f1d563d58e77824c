using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>Parses the fields of a record in groups of eight with vectors of the machine's width.</summary>
internal static class LaneGroups
{
    /// <summary>Parses groups up to the first one with a field that cannot be parsed.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="starts">The offsets of the fields and one after the last field, as <see cref="Separators.Find"/> returns them.</param>
    /// <param name="groups">The rules of the columns.</param>
    /// <param name="values">Receives eight values for each group.</param>
    /// <param name="forms">Receives the form of each value.</param>
    /// <param name="understood">A bit for each parsed field of the first incomplete group.</param>
    /// <returns>The number of completely parsed groups.</returns>
    public static int Read(
        ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, ReadOnlySpan<LaneColumns> groups, Span<ulong> values, Span<byte> forms,
        out int understood)
    {
        // Vectors read the bytes before a field too, so there must be some.
        if (!Avx2.IsSupported || starts[1] <= LaneColumns.MaxLength)
            return Read<SwarFieldParser>(frame, starts, groups, values, forms, out understood);
        return Avx512Vbmi2.IsSupported
            ? Read<SimdFieldParser512>(frame, starts, groups, values, forms, out understood)
            : Read<SimdFieldParser256>(frame, starts, groups, values, forms, out understood);
    }

    // Not inlined, because it would share registers with the caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Read<TLanes>(
        ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, ReadOnlySpan<LaneColumns> groups, Span<ulong> values, Span<byte> forms,
        out int understood)
        where TLanes : struct, IFieldParser
    {
        for (var i = 0; i < groups.Length; i++)
        {
            // Vectors check no other bounds, and a reused buffer may hold any offsets.
            understood = 0;
            if (starts[LaneColumns.Count] > frame.Length + 1)
                return i;
            var group = groups[i];
            understood = TLanes.Read(frame, starts, group, values, forms);
            var others = group.Values & ~understood;
            if (others != 0 && !TryReadOthers(frame, starts, group, others, values, forms))
                return i;
            starts = starts[LaneColumns.Count..];
            values = values[LaneColumns.Count..];
            forms = forms[LaneColumns.Count..];
        }

        understood = 0;
        return groups.Length;
    }

    // Empty fields and codes of several characters or with letters: common, but not worth a step of every group's vectors.
    private static bool TryReadOthers(
        ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, int others, Span<ulong> values, Span<byte> forms)
    {
        for (; others != 0; others &= others - 1)
        {
            var lane = BitOperations.TrailingZeroCount(others);
            var length = starts[lane + 1] - starts[lane] - 1;
            ulong value = 0;
            if (length != 0 && !(columns.Types[lane] == ColumnType.Code && TryReadCode(frame, starts[lane], length, out value)))
                return false;
            values[lane] = value;
            forms[lane] = length == 0 ? FieldValue.Absent : FieldValue.Plain;
        }

        return true;
    }

    private static bool TryReadCode(ReadOnlySpan<byte> frame, int start, int length, out ulong value)
    {
        value = 0;
        if (length is < 1 or > sizeof(ulong))
            return false;
        foreach (var character in frame.Slice(start, length))
        {
            if (!char.IsAsciiLetterOrDigit((char)character))
                return false;
            value = (value << 8) | character;
        }

        return true;
    }
}

/// <summary>Parses eight adjacent fields.</summary>
internal interface IFieldParser
{
    /// <summary>Parses eight fields.</summary>
    /// <param name="frame">The frame. For vectors, no field may end within its first 16 bytes.</param>
    /// <param name="starts">The offsets of the fields and one after the last field, each one after the end of the previous field and within
    /// the frame. If they do not ascend, nothing is parsed.</param>
    /// <param name="columns">The rules of the columns.</param>
    /// <param name="values">Receives eight values.</param>
    /// <param name="forms">Receives eight forms.</param>
    /// <returns>A bit for each parsed field. The values of other fields have no meaning.</returns>
    static abstract int Read(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, Span<ulong> values, Span<byte> forms);
}
