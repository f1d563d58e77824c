using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace KisFeed.Wire;

/// <summary>The parsing rules of eight adjacent columns, one lane of 64 bits for each.</summary>
internal sealed class LaneColumns
{
    public const int Count = 8;

    /// <summary>The longest field that lanes can parse: two words.</summary>
    public const int MaxLength = 2 * sizeof(ulong);

    /// <summary>The length of a time of the form HHMMSS.</summary>
    public const int TimeLength = 6;

    /// <summary>The length of a date of the form YYYYMMDD.</summary>
    public const int DateLength = 8;

    private const int CodeLength = 1;

    // HH, MM and SS as pairs of digits, the first pair lowest. Nothing precedes them.
    private const ulong TimePairs = 0x003B_003B_0017_0000;
    private const ulong AnyPairs = 0x7FFF_7FFF_7FFF_7FFF;

    public readonly LaneRules<Vector512<ulong>> Whole;

    /// <summary>The rules of the first four columns.</summary>
    public readonly LaneRules<Vector256<ulong>> Lower;

    /// <summary>The rules of the last four columns.</summary>
    public readonly LaneRules<Vector256<ulong>> Upper;

    private readonly ColumnType[] _types;

    private LaneColumns(Column[] columns)
    {
        _types = [.. columns.Select(c => c.Type)];
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Type != ColumnType.Text)
                Values |= 1 << i;
            HasTime |= columns[i].Type == ColumnType.Time;
        }

        Whole = new LaneRules<Vector512<ulong>>
        {
            Minus = Each(columns, c => c.IsNumeric ? '-' : Separators.Separator),
            Points = Each(
                columns, c => SwarBytes.Ones * unchecked((byte)((c.Type == ColumnType.Decimal ? '.' : Separators.Separator) - '0'))),
            Offset = Each(columns, c => c.Type == ColumnType.Code ? '0' : 0ul),
            PairLimits = Each(columns, c => c.Type == ColumnType.Time ? TimePairs : AnyPairs),
            MostSpare = Each(columns, c => sizeof(ulong) - (ulong)LeastOf(c.Type)),
            LeastSpare = Each(columns, c => unchecked(sizeof(ulong) - (ulong)MostOf(c.Type))),
        };
        Lower = Half(Vector512.GetLower);
        Upper = Half(Vector512.GetUpper);
    }

    /// <summary>A bit for each column that is not a text.</summary>
    public int Values { get; }

    public bool HasTime { get; }

    public ReadOnlySpan<ColumnType> Types => _types;

    /// <summary>Groups the columns of a record type by eight.</summary>
    public static LaneColumns[] GroupsOf(ImmutableArray<Column> columns) => [.. columns.Chunk(Count).Select(c => new LaneColumns(c))];

    private static int LeastOf(ColumnType type) => type switch { ColumnType.Time => TimeLength, ColumnType.Date => DateLength, _ => 1 };

    private static int MostOf(ColumnType type) => type switch
    {
        ColumnType.Time => TimeLength,
        ColumnType.Date => DateLength,
        ColumnType.Code => CodeLength,
        _ => MaxLength,
    };

    private static Vector512<ulong> Each(Column[] columns, Func<Column, ulong> rule)
    {
        var lanes = Vector512<ulong>.Zero;
        for (var i = 0; i < columns.Length; i++)
            lanes = lanes.WithElement(i, rule(columns[i]));
        return lanes;
    }

    private LaneRules<Vector256<ulong>> Half(Func<Vector512<ulong>, Vector256<ulong>> of) => new()
    {
        Minus = of(Whole.Minus),
        Points = of(Whole.Points),
        Offset = of(Whole.Offset),
        PairLimits = of(Whole.PairLimits),
        MostSpare = of(Whole.MostSpare),
        LeastSpare = of(Whole.LeastSpare),
    };
}
