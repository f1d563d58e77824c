using System.Collections.Immutable;
using KisFeed.PostgreSql.Tables;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Rows;

/// <summary>Writes the records of a feed as rows of its table. Not thread-safe.</summary>
internal sealed class RowEncoder
{
    private readonly FeedSchema _feed;
    private readonly ImmutableArray<TableColumn> _columns;
    private readonly Dictionary<FeedLayout, int[]> _extra = [];

    public RowEncoder(FeedSchema feed, FeedTable table)
    {
        _feed = feed;
        _columns = table.Columns;
        Table = table;
    }

    public FeedTable Table { get; }

    /// <summary>Appends a record that has been checked.</summary>
    /// <param name="rows">The rows of the table.</param>
    /// <param name="fields">The record.</param>
    /// <param name="at">When its frame was received.</param>
    /// <param name="id">The id of its frame.</param>
    /// <param name="day">The day of the receipt.</param>
    public void Write(CopyRows rows, in RecordFields fields, DateTimeOffset at, long id, DateOnly day)
    {
        rows.BeginRow(FeedTable.FixedColumns.Length + _columns.Length);
        rows.Write(id);
        rows.Write(at);
        rows.Write(day);
        rows.Write((short)(fields.Record + 1));
        rows.WriteText(_feed.TrId);
        rows.WriteBytes(_feed.KeyOf(fields));
        WriteUnnamed(rows, fields);
        var extra = ExtraOf(fields.Layout);
        for (var i = 0; i < _columns.Length; i++)
            Write(rows, fields, _columns[i], extra[i]);
    }

    private static void Write(CopyRows rows, in RecordFields fields, TableColumn column, int extra)
    {
        if (column.Element is not null)
        {
            if (extra < 0)
                rows.WriteNull();
            else
                rows.WriteField(fields.Extra(extra), column.Type);
        }
        else if (column.IsArray)
        {
            WriteArray(rows, fields, column);
        }
        else
        {
            rows.WriteField(fields[column.Sources[0]], column.Type);
        }
    }

    // An array is as long as the layout has columns for it.
    private static void WriteArray(CopyRows rows, in RecordFields fields, TableColumn column)
    {
        var length = column.Sources.Length;
        while (length > 0 && fields.Layout.PositionOf(column.Sources[length - 1]) < 0)
            length--;
        if (length == 0)
        {
            rows.WriteNull();
            return;
        }

        var mark = rows.BeginArray(column.Type, length);
        for (var i = 0; i < length; i++)
            rows.WriteField(fields[column.Sources[i]], column.Type);
        rows.EndArray(mark);
    }

    private static void WriteUnnamed(CopyRows rows, in RecordFields fields)
    {
        if (fields.UnnamedCount == 0)
        {
            rows.WriteNull();
            return;
        }

        var unnamed = fields.Unnamed;
        var mark = rows.BeginArray(ColumnType.Text, fields.UnnamedCount);
        foreach (var range in unnamed.Split((byte)'^'))
            rows.WriteField(unnamed[range], ColumnType.Text);
        rows.EndArray(mark);
    }

    // For each column of the table, its number among the extra columns of a layout, or -1.
    private int[] ExtraOf(FeedLayout layout)
    {
        if (_extra.TryGetValue(layout, out var extra))
            return extra;
        extra = new int[_columns.Length];
        for (var i = 0; i < extra.Length; i++)
        {
            var element = _columns[i].Element;
            extra[i] = element is null ? -1 : layout.ExtraColumns.ToList().FindIndex(column => column.Element.Equals(element, StringComparison.OrdinalIgnoreCase));
        }

        _extra.Add(layout, extra);
        return extra;
    }
}
