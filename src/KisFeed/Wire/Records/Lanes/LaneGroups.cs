using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>Reads the fields of a record by eight, with vectors of whatever width the machine has.</summary>
internal static class LaneGroups
{
    /// <summary>Reads groups up to the first in which a value is not understood.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="starts">Where each field begins, and one behind the last, as <see cref="Separators.Find"/> gives them.</param>
    /// <param name="groups">What the fields may hold.</param>
    /// <param name="values">Room for eight values for each group.</param>
    /// <param name="forms">Room for as many forms.</param>
    /// <param name="understood">A bit for each field that was understood in the group that was not read whole.</param>
    /// <returns>How many groups were read whole.</returns>
    public static int Read(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, ReadOnlySpan<LaneColumns> groups, Span<ulong> values, Span<byte> forms, out int understood)
    {
        // Vectors read what stands before a field with it, so that there has to be something.
        if (!Avx2.IsSupported || starts[1] <= LaneColumns.MaxLength)
            return Read<SimdFieldParser>(frame, starts, groups, values, forms, out understood);
        return Avx512Vbmi2.IsSupported
            ? Read<ValueLanes512>(frame, starts, groups, values, forms, out understood)
            : Read<ValueLanes256>(frame, starts, groups, values, forms, out understood);
    }

    // Inlined, it would share its registers with whoever calls it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Read<TLanes>(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, ReadOnlySpan<LaneColumns> groups, Span<ulong> values, Span<byte> forms, out int understood)
        where TLanes : struct, IValueLanes
    {
        for (var i = 0; i < groups.Length; i++)
        {
            // Vectors look at no other bounds. The room of a record that was used for another may hold any.
            understood = 0;
            if (starts[LaneColumns.Count] > frame.Length + 1)
                return i;
            var group = groups[i];
            understood = TLanes.Read(frame, starts, group, values, forms);
            if ((group.Values & ~understood) != 0)
                return i;
            starts = starts[LaneColumns.Count..];
            values = values[LaneColumns.Count..];
            forms = forms[LaneColumns.Count..];
        }

        understood = 0;
        return groups.Length;
    }
}
