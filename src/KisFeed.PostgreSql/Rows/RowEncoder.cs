using System.Collections.Immutable;
using System.Text;
using KisFeed.PostgreSql.Tables;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Rows;

/// <summary>Writes the records of a feed as rows of its table. Not thread-safe.</summary>
internal sealed class RowEncoder
{
    private readonly FeedSchema _feed;
    private readonly ImmutableArray<TableColumn> _columns;
    private readonly byte[] _trId;
    private readonly Dictionary<FeedLayout, int[]> _extra = new(ReferenceEqualityComparer.Instance);
    private (FeedLayout? Layout, int[] Extra) _last = (null, []);

    public RowEncoder(FeedSchema feed, FeedTable table)
    {
        _feed = feed;
        _trId = Encoding.UTF8.GetBytes(feed.TrId);
        _columns = table.Columns;
        Table = table;
    }

    public FeedTable Table { get; }

    /// <summary>Appends a record; <see langword="false"/>, and nothing is appended, if one of its fields is not valid.</summary>
    /// <param name="rows">The rows of the table.</param>
    /// <param name="fields">The record.</param>
    /// <param name="at">When its frame was received.</param>
    /// <param name="id">The id of its frame.</param>
    /// <param name="day">The day of the receipt.</param>
    public bool TryWrite(CopyRows rows, in RecordFields fields, DateTimeOffset at, long id, DateOnly day)
    {
        var mark = rows.BeginRow(FeedTable.FixedColumns.Length + _columns.Length);
        rows.Write(id);
        rows.Write(at);
        rows.Write(day);
        rows.Write((short)(fields.Record + 1));
        rows.WriteBytes(_trId);
        rows.WriteBytes(_feed.KeyOf(fields));
        var isValid = FieldText.TryCheck(FieldText.Trim(fields[_feed.KeyColumn]), _feed.Columns[_feed.KeyColumn].Type, out _)
            && fields.TryCheckExtra(out _)
            && TryWriteUnnamed(rows, fields);
        if (_last.Layout != (object)fields.Layout)
            _last = (fields.Layout, ExtraOf(fields.Layout));
        var extra = _last.Extra;
        for (var i = 0; i < _columns.Length && isValid; i++)
            isValid = _columns[i].IsExchangeTime ? TryWriteTime(rows, fields, at) : TryWrite(rows, fields, _columns[i], extra[i]);
        if (!isValid)
            rows.CancelRow(mark);
        return isValid;
    }

    private bool TryWrite(CopyRows rows, in RecordFields fields, TableColumn column, int extra)
    {
        if (column.IsArray)
            return TryWriteArray(rows, fields, column);
        if (column.IsPriceScale)
        {
            if (fields.PriceScale is { } places)
                rows.Write((long)places);
            else
                rows.WriteNull();
            return true;
        }

        if (column.Element is null)
            return TryWriteAmount(rows, fields, column.Sources[0], column.Type);
        return rows.TryWriteField(extra < 0 ? default : fields.Extra(extra), column.Type);
    }

    private bool TryWriteTime(CopyRows rows, in RecordFields fields, DateTimeOffset at)
    {
        rows.Write(ExchangeTime.Of(_feed, fields, at));
        return true;
    }

    private bool TryWriteAmount(CopyRows rows, in RecordFields fields, int source, ColumnType type)
    {
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        return rows.TryWriteField(AmountText.Of(_feed.Columns[source], fields, source, buffer), type);
    }

    // An array is as long as the layout has columns for it.
    private bool TryWriteArray(CopyRows rows, in RecordFields fields, TableColumn column)
    {
        var length = column.Sources.Length;
        while (length > 0 && fields.Layout.PositionOf(column.Sources[length - 1]) < 0)
            length--;
        if (length == 0)
        {
            rows.WriteNull();
            return true;
        }

        var mark = rows.BeginArray(column.Type, length);
        for (var i = 0; i < length; i++)
        {
            if (!TryWriteAmount(rows, fields, column.Sources[i], column.Type))
                return false;
        }

        rows.EndArray(mark);
        return true;
    }

    private static bool TryWriteUnnamed(CopyRows rows, in RecordFields fields)
    {
        if (fields.UnnamedCount == 0)
        {
            rows.WriteNull();
            return true;
        }

        var unnamed = fields.Unnamed;
        var mark = rows.BeginArray(ColumnType.Text, fields.UnnamedCount);
        foreach (var range in unnamed.Split((byte)'^'))
        {
            if (!rows.TryWriteField(unnamed[range], ColumnType.Text))
                return false;
        }

        rows.EndArray(mark);
        return true;
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
            extra[i] = element is null
                ? -1
                : layout.ExtraColumns.ToList().FindIndex(column => column.Element.Equals(element, StringComparison.OrdinalIgnoreCase));
        }

        _extra.Add(layout, extra);
        return extra;
    }
}
