using System.Runtime.InteropServices;

namespace KisFeed.Wire;

/// <summary>What columns that stand side by side may hold, for a vector of as many lanes of 64 bits.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
[StructLayout(LayoutKind.Auto)]
internal readonly struct LaneRules<TVector>
    where TVector : struct
{
    /// <summary>The minus, where one may stand first; else a separator, which no field holds.</summary>
    public required TVector Minus { get; init; }

    /// <summary>How far above or below <c>0</c> a point is, in each byte, where one may stand; else how far a separator is.</summary>
    public required TVector Points { get; init; }

    /// <summary>What makes the value of a number: nothing, or the character 0 where the digit is a code.</summary>
    public required TVector Offset { get; init; }

    /// <summary>The most that two digits may amount to.</summary>
    public required TVector PairLimits { get; init; }

    /// <summary>How many characters of a word the fewest digits leave.</summary>
    public required TVector MostSpare { get; init; }

    /// <summary>How many characters of a word the longest field leaves; fewer than none where it takes more.</summary>
    public required TVector LeastSpare { get; init; }
}
