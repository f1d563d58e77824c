using System.Collections.Immutable;

namespace KisFeed.Cli.Ticks;

/// <summary>What of a record is shown to people, in lines and in tables alike.</summary>
/// <param name="Title">What a record is, in Korean and English.</param>
/// <param name="Columns">The columns shown.</param>
internal sealed record TickView(string Title, ImmutableArray<TickColumn> Columns)
{
    /// <summary>The column that names the instrument, where the record has one.</summary>
    public string? NameColumn { get; init; }

    /// <summary>Whether each record matters by itself, so that a table shows the last few instead of the last one of each key.</summary>
    public bool IsEventList { get; init; }
}
