using System.Linq;

namespace KisFeed.Generator;

/// <summary>
/// A feed of a record. The settings are the properties of its schema that the attribute sets, as code; renamed elements have the form
/// ELEMENT=NAME.
/// </summary>
internal sealed record FeedModel(
    string TrId,
    string Member,
    string? MockTrId,
    string Alias,
    string Korean,
    int Market,
    bool IsOverseas,
    bool IsExpected,
    int ElementCase,
    EquatableArray<string> Renamed,
    string? PriceUnit,
    string? TurnoverUnit,
    EquatableArray<string> Settings)
{
    // The values of FeedMarket.
    private const int Other = 0;
    private const int Overseas = 9;

    /// <summary>Whether the feed is known to be of a Korean market, as FeedSchema has it.</summary>
    public bool HasKoreanSession => !IsOverseas && Market is not (Other or Overseas);

    public string ElementOf(ColumnModel column)
    {
        if (Renamed.FirstOrDefault(r => r.StartsWith(column.Element + "=", System.StringComparison.Ordinal)) is { } renamed)
            return renamed.Substring(column.Element.Length + 1);
        return ElementCase switch
        {
            1 => column.Element.ToLowerInvariant(),
            2 => column.Element.ToUpperInvariant(),
            _ => column.Element,
        };
    }

    public string? UnitOf(ColumnModel column) => column.Unit switch
    {
        ColumnModel.PriceUnit => PriceUnit,
        ColumnModel.TurnoverUnit => TurnoverUnit,
        var unit => unit,
    };

    public ColumnRole RoleOf(ColumnModel column) =>
        IsExpected && column.Role is not (ColumnRole.Price or ColumnRole.Time or ColumnRole.Date) ? ColumnRole.None : column.Role;
}
