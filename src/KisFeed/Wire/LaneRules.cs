using System.Runtime.InteropServices;

namespace KisFeed.Wire;

/// <summary>The parsing rules of adjacent columns, for a vector with one 64-bit lane per column.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
[StructLayout(LayoutKind.Auto)]
internal readonly struct LaneRules<TVector>
    where TVector : struct
{
    /// <summary>The minus sign if the column allows one; otherwise a separator, which no field contains.</summary>
    public required TVector Minus { get; init; }

    /// <summary>
    /// The difference between <c>0</c> and the decimal point in each byte if the column allows one; otherwise that of a separator.
    /// </summary>
    public required TVector Points { get; init; }

    /// <summary>The offset to add to a number: zero, or the character 0 if the digit is a code.</summary>
    public required TVector Offset { get; init; }

    /// <summary>The maximum of each pair of digits.</summary>
    public required TVector PairLimits { get; init; }

    /// <summary>The number of unused characters of a word with the shortest valid field.</summary>
    public required TVector MostSpare { get; init; }

    /// <summary>
    /// The number of unused characters of a word with the longest valid field; negative if the field needs more than a word.
    /// </summary>
    public required TVector LeastSpare { get; init; }
}
