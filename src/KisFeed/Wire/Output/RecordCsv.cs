using System.Text;

namespace KisFeed.Wire;

/// <summary>
/// Writes records as rows of RFC 4180, straight from their fields: the columns of the record type, those that the feed's layouts name
/// besides, then one column <c>extra</c> with those that nobody names, <c>^</c>-separated. Absent values are empty, numbers keep their scale as sent.
/// </summary>
public sealed class RecordCsv
{
    private const int MaxNumberLength = 64;

    private readonly FeedSchema _feed;
    private readonly NameStyle _names;
    private readonly Column[] _extra;

    /// <summary>For the records of one feed.</summary>
    public RecordCsv(FeedSchema feed, NameStyle names)
    {
        ArgumentNullException.ThrowIfNull(feed);
        _feed = feed;
        _names = names;
        _extra = [.. feed.Layouts.SelectMany(l => l.ExtraColumns).DistinctBy(c => c.Element, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The names of the columns.</summary>
    public IEnumerable<string> Header =>
        _feed.Columns.Concat(_extra).Select(c => _names == NameStyle.Kis ? c.Element : c.JsonName).Append("extra");

    /// <summary>Appends a row, without a line end, of a record that <see cref="RecordJson.TryCheck"/> has found readable.</summary>
    public void AppendRow(StringBuilder row, in RecordFields fields)
    {
        ArgumentNullException.ThrowIfNull(row);
        for (var i = 0; i < _feed.Columns.Length; i++)
        {
            if (i > 0)
                row.Append(',');
            AppendValue(row, _feed.Columns[i], fields[i]);
        }

        var named = fields.Layout.ExtraColumns;
        foreach (var column in _extra)
        {
            row.Append(',');
            for (var i = 0; i < named.Length; i++)
            {
                if (named[i].Element.Equals(column.Element, StringComparison.OrdinalIgnoreCase))
                    AppendValue(row, named[i], fields.Extra(i));
            }
        }

        row.Append(',');
        AppendText(row, Encoding.UTF8.GetString(fields.Unnamed));
    }

    /// <summary>Appends a text, quoted where RFC 4180 asks for it.</summary>
    public static void AppendText(StringBuilder row, string text)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().IndexOfAny(",\"\r\n") < 0)
            row.Append(text);
        else
            row.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    private void AppendValue(StringBuilder row, Column column, ReadOnlySpan<byte> field)
    {
        var text = FieldText.Trim(field);
        if (FieldText.IsAbsent(text, column.Type))
            return;
        if (column.IsNumeric && NumberText.TryParse(text, out var number))
        {
            Span<byte> buffer = stackalloc byte[MaxNumberLength];
            row.Append(Encoding.ASCII.GetString(buffer[..number.Format(buffer)]));
            return;
        }

        var value = Encoding.UTF8.GetString(text);
        if (_names == NameStyle.English && column.Type == ColumnType.Code && column.Codes.TryGetValue(value, out var name))
            value = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);
        AppendText(row, value);
    }
}
