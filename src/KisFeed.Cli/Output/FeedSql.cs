using System.Text.Json;
using KisFeed.Capture.Export;

namespace KisFeed.Cli.Output;

/// <summary>Writes the PostgreSQL table for the CSV of a feed: the same columns in the same order.</summary>
internal static class FeedSql
{
    private static readonly (string Name, string Type, string Comment)[] s_origin =
    [
        (ExportColumns.ReceivedAt(NameStyle.Kis), "timestamptz NOT NULL", "when the frame was received"),
        (ExportColumns.ExchangeTime(NameStyle.Kis), "timestamptz", "exchange time: the record's time with its date"),
        (ExportColumns.Feed, "text NOT NULL", "TR ID"),
        (ExportColumns.Key, "text NOT NULL", "tr_key"),
        (ExportColumns.Frame, "integer NOT NULL", "number among the frames received at this time, from 1"),
        (ExportColumns.Record, "integer NOT NULL", "number within the frame, from 1"),
    ];

    public static string Write(FeedSchema feed, NameStyle names)
    {
        var table = SqlNames.Quote(feed.TrId.ToLowerInvariant());
        var columns = ColumnsOf(feed, names);
        var width = columns.Max(c => c.Name.Length);
        var sql = new StringBuilder();
        sql.Append($"-- {feed.TrId} {feed.Korean}".TrimEnd()).Append('\n');
        sql.Append(CultureInfo.InvariantCulture, $"-- \\copy {table} FROM '{feed.TrId}.csv' WITH (FORMAT csv, HEADER true)\n");
        sql.Append(CultureInfo.InvariantCulture, $"CREATE TABLE {table} (\n");
        sql.AppendJoin(",\n", columns.Select(c => $"    {c.Name.PadRight(width)} {c.Type}"));
        sql.Append(
            CultureInfo.InvariantCulture,
            $",\n    PRIMARY KEY ({ExportColumns.ReceivedAt(NameStyle.Kis)}, {ExportColumns.Frame}, {ExportColumns.Record})\n);\n");
        if (feed.Korean.Length > 0)
            sql.Append(CultureInfo.InvariantCulture, $"COMMENT ON TABLE {table} IS {Literal(feed.Korean)};\n");
        foreach (var (name, _, comment) in columns)
            sql.Append(CultureInfo.InvariantCulture, $"COMMENT ON COLUMN {table}.{name} IS {Literal(comment)};\n");
        return sql.ToString();
    }

    private static List<(string Name, string Type, string Comment)> ColumnsOf(FeedSchema feed, NameStyle names)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var columns = s_origin.Select(c => (SqlNames.Unique(c.Name, taken), c.Type, c.Comment)).ToList();
        foreach (var column in new RecordCsv(feed, names).Columns)
            columns.Add((SqlNames.Unique(NameOf(column, names), taken), TypeOf(column.Type), CommentOn(column)));
        columns.Add((SqlNames.Unique("extra", taken), "text", "columns without a name, ^-separated"));
        return columns;
    }

    private static string NameOf(Column column, NameStyle names) =>
        names == NameStyle.Kis || column.Name == column.Element
            ? column.Element.ToLowerInvariant()
            : JsonNamingPolicy.SnakeCaseLower.ConvertName(column.Name);

    // numeric keeps the scale as sent; codes are text, because new ones may appear.
    private static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Integer => "bigint",
        ColumnType.Decimal => "numeric",
        ColumnType.Time => "time",
        ColumnType.Date => "date",
        _ => "text",
    };

    private static string CommentOn(Column column)
    {
        var comment = column.Korean.Length == 0 ? column.Element : $"{column.Korean} ({column.Element})";
        return column.Unit is { } unit ? $"{comment}, {unit}" : comment;
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
