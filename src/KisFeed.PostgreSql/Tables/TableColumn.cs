using System.Collections.Immutable;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tables;

/// <summary>A column of a table of records.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Type">The type of the value, or of the elements of an array.</param>
/// <param name="IsArray">Whether it is an array, of a repeated group.</param>
/// <param name="Comment">The Korean name, the element and the unit.</param>
internal sealed record TableColumn(string Name, ColumnType Type, bool IsArray, string Comment)
{
    /// <summary>
    /// The indexes of the record type's columns: one, or one for each element of an array. Empty for a column that only a layout has.
    /// </summary>
    public ImmutableArray<int> Sources { get; init; } = [];

    /// <summary>The element name of a column that only a layout has; otherwise <see langword="null"/>.</summary>
    public string? Element { get; init; }

    /// <summary>Whether it is the exchange time of the record, which is computed.</summary>
    public bool IsExchangeTime { get; init; }

    /// <summary>Whether it is <see cref="Column.PriceScale"/>, which no frame has.</summary>
    public bool IsPriceScale { get; init; }

    /// <summary>The column of the exchange time.</summary>
    public static TableColumn OfExchangeTime(string name) =>
        new(name, ColumnType.Text, IsArray: false, "The time of the record with its date") { IsExchangeTime = true };

    /// <summary>The type as PostgreSQL names it in its catalog.</summary>
    // numeric keeps the scale as sent; codes are text, because new ones may appear.
    public string SqlType => IsExchangeTime ? "timestamp with time zone" : Type switch
    {
        ColumnType.Integer => "bigint",
        ColumnType.Decimal => "numeric",
        ColumnType.Time => "time without time zone",
        ColumnType.Date => "date",
        _ => "text",
    } + (IsArray ? "[]" : "");
}
