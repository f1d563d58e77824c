using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tables;

/// <summary>The table of a record type. Feeds with the same record type share it.</summary>
/// <param name="Name">The name, e.g. <c>stock_trade</c>.</param>
/// <param name="Comment">The titles of its feeds.</param>
/// <param name="Columns">The columns after <see cref="FixedColumns"/>.</param>
internal sealed record FeedTable(string Name, string Comment, ImmutableArray<TableColumn> Columns)
{
    private const int MaxNameLength = 63;
    private const string ExchangeTime = "exchange_time";

    /// <summary>The columns that every table of records begins with.</summary>
    public static ImmutableArray<string> FixedColumns { get; } = ["id", "received_at", "trading_day", "record", "feed", "key", "extra"];

    // Other tables of the schema.
    private static readonly ImmutableArray<string> s_takenNames =
        ["capture_part", "checkpoint", "gap", "key_day", "malformed", "schema_version"];

    /// <summary>The TR IDs of its feeds.</summary>
    public required ImmutableArray<string> Feeds { get; init; }

    /// <summary>The names of the columns with a role, for the views.</summary>
    public required ImmutableDictionary<ColumnRole, string> Roles { get; init; }

    /// <summary>The tables of all feeds of a catalog.</summary>
    public static ImmutableArray<FeedTable> AllOf(FeedCatalog catalog)
    {
        var taken = new HashSet<string>(s_takenNames, StringComparer.Ordinal);
        return [.. catalog.Feeds.GroupBy(feed => feed.RecordName, StringComparer.Ordinal).Select(feeds => Of([.. feeds], taken))];
    }

    private static FeedTable Of(ImmutableArray<FeedSchema> feeds, HashSet<string> takenTables)
    {
        var first = feeds[0];
        var taken = new HashSet<string>(FixedColumns, StringComparer.Ordinal) { ExchangeTime };
        var columns = ImmutableArray.CreateBuilder<TableColumn>();
        var present = feeds.SelectMany(feed => feed.PresentColumns).ToHashSet();
        var groups = new HashSet<(string, string)>();
        for (var i = 0; i < first.Columns.Length; i++)
        {
            var column = first.Columns[i];
            if (i == first.KeyColumn || !present.Contains(i))
                continue;
            if (column is not { Group: { } group, GroupIndex: >= 0, Field: { } field })
            {
                columns.Add(new TableColumn(Unique(NameOf(column), taken), column.Type, IsArray: false, CommentOn(column, column))
                {
                    Sources = [i],
                });
            }
            else if (groups.Add((group, field)))
            {
                columns.Add(OfGroup(first, group, field, taken));
            }
        }

        if (first.HasScaledPrices)
        {
            var scale = Column.PriceScale;
            columns.Add(
                new TableColumn(Unique(NameOf(scale), taken), scale.Type, IsArray: false, CommentOn(scale, scale)) { IsPriceScale = true });
        }

        columns.AddRange(Extra(feeds, taken));
        if (first.TimeColumn >= 0)
            columns.Add(TableColumn.OfExchangeTime(ExchangeTime));
        var name = first.RecordName == first.TrId ? first.TrId.ToLowerInvariant() : Snake(first.RecordName);
        return new FeedTable(
            Unique(name, takenTables),
            string.Join(", ", feeds.Select(feed => $"{feed.Korean} ({feed.TrId})".TrimStart())),
            columns.ToImmutable())
        {
            Feeds = [.. feeds.Select(feed => feed.TrId)],
            Roles = RolesOf(first, columns),
        };
    }

    private static TableColumn OfGroup(FeedSchema feed, string group, string field, HashSet<string> taken)
    {
        ImmutableArray<int> sources =
        [
            .. feed.Columns.Index().Where(c => c.Item.Group == group && c.Item.Field == field).OrderBy(c => c.Item.GroupIndex)
                .Select(c => c.Index),
        ];
        var (first, last) = (feed.Columns[sources[0]], feed.Columns[sources[^1]]);
        return new TableColumn(Unique($"{Snake(group)}_{Snake(field)}", taken), first.Type, IsArray: true, CommentOn(first, last))
        {
            Sources = sources,
        };
    }

    // Columns of layouts that the record type does not have. An element that has different types in different
    // layouts is text, which holds all of them.
    private static IEnumerable<TableColumn> Extra(ImmutableArray<FeedSchema> feeds, HashSet<string> taken)
    {
        var extra = feeds.SelectMany(feed => feed.Layouts).SelectMany(layout => layout.ExtraColumns)
            .GroupBy(column => column.Element, StringComparer.OrdinalIgnoreCase);
        foreach (var same in extra)
        {
            var column = same.First();
            var type = same.All(other => other.Type == column.Type) ? column.Type : ColumnType.Text;
            yield return new TableColumn(Unique(NameOf(column), taken), type, IsArray: false, CommentOn(column, column))
            {
                Element = column.Element,
            };
        }
    }

    private static ImmutableDictionary<ColumnRole, string> RolesOf(FeedSchema feed, IEnumerable<TableColumn> columns)
    {
        var roles = ImmutableDictionary.CreateBuilder<ColumnRole, string>();
        foreach (var column in columns.Where(column => column is { IsArray: false, Sources.Length: 1 }))
        {
            if (feed.Columns[column.Sources[0]].Role is not ColumnRole.None and var role)
                roles.TryAdd(role, column.Name);
        }

        return roles.ToImmutable();
    }

    private static string NameOf(Column column) => column.Name == column.Element ? column.Element.ToLowerInvariant() : Snake(column.Name);

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string CommentOn(Column first, Column last)
    {
        var korean = first == last ? first.Korean : $"{first.Korean} … {last.Korean}";
        var element = first == last ? first.Element : $"{first.Element} … {last.Element}";
        var comment = first.Korean.Length == 0 ? element : $"{korean} ({element})";
        return first.Unit is { } unit ? $"{comment}, {unit}" : comment;
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        // PostgreSQL cuts off longer names.
        while (Encoding.UTF8.GetByteCount(name) > MaxNameLength - 3)
            name = name[..^1];
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }
}
