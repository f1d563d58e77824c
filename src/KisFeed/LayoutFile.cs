using System.Collections.Immutable;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Names for columns that the broker has appended since this version of the library, given by the user in a small JSON file:
/// <code>
/// { "layouts": [
///     { "trId": "H0UPCNT0", "append": [ "MARKET_CLS_CODE" ] },
///     { "trId": "H0IFCNI0", "width": 23, "columns": [ "CUST_ID", … every element in wire order … ] } ] }
/// </code>
/// A column is an element name, or an object with <c>element</c> and, optionally, <c>korean</c>, <c>name</c>, <c>type</c>
/// (<c>text</c>, <c>integer</c>, <c>decimal</c>, <c>time</c>, <c>code</c>) and <c>unit</c>.
/// </summary>
public sealed class LayoutFile
{
    private static readonly JsonDocumentOptions s_options =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    // Names that JSON and CSV use for other values.
    private static readonly string[] s_reservedNames =
    [
        "extra", "exchangeTime", "exchange_time", "feed", "key", "priceScale", "price_scale", "receivedAt", "received_at", "record",
        "timestamp", "trId", "tr_id", "tr_key",
    ];

    private const int MaxNameLength = 60;

    private readonly ImmutableArray<Entry> _entries;

    private LayoutFile(ImmutableArray<Entry> entries) => _entries = entries;

    /// <summary>Reads a layout file.</summary>
    /// <exception cref="LayoutFileException">The file cannot be read or does not have the form above.</exception>
    public static LayoutFile Load(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LayoutFileException($"the layout file {path} cannot be read: {e.Message}", e);
        }
        catch (LayoutFileException e)
        {
            throw new LayoutFileException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Reads the text of a layout file, with or without a byte order mark.</summary>
    /// <exception cref="LayoutFileException">The text does not have the form above.</exception>
    public static LayoutFile Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8.Span.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8, s_options);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("layouts", out var layouts)
                || layouts.ValueKind != JsonValueKind.Array)
            {
                throw new LayoutFileException("expected an object with an array \"layouts\"");
            }

            return new LayoutFile([.. layouts.EnumerateArray().Select((l, i) => ReadEntry(l, $"layouts[{i}]"))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text is not valid Unicode.
            throw new LayoutFileException($"not JSON: {e.Message}", e);
        }
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    internal ImmutableArray<FeedSchema> ApplyTo(ImmutableArray<FeedSchema> feeds)
    {
        var extended = feeds.ToList();
        foreach (var entry in _entries)
        {
            var index = extended.FindIndex(f => f.TrId.Equals(entry.TrId, StringComparison.OrdinalIgnoreCase));
            if (index >= 0)
                extended[index] = Extend(extended[index], entry);
            else
                extended.Add(Create(entry));
        }

        return [.. extended];
    }

    private static FeedSchema Extend(FeedSchema feed, Entry entry)
    {
        if (!entry.IsAppend)
        {
            var columns = Known(feed, entry.Columns);
            var key = feed.Columns[feed.KeyColumn];
            if (!columns.Contains(key))
                throw new LayoutFileException($"{entry.Where}.columns: {key.Element} is missing, the key that identifies records");
            CheckNames(entry, feed.Columns, columns.Where(c => !feed.Columns.Contains(c)));
            return feed.WithLayout(FeedLayout.Of(feed.Columns, columns));
        }

        var newest = feed.CurrentLayout.WireColumns(feed.Columns);
        foreach (var column in entry.Columns)
        {
            if (newest.Any(c => c.Element.Equals(column.Element, StringComparison.OrdinalIgnoreCase)))
            {
                throw new LayoutFileException(
                    $"{entry.Where}: {feed.TrId} has {column.Element} already; to move it, list every column under \"columns\"");
            }
        }

        var width = newest.Length + entry.Columns.Length;
        if (entry.Width is { } stated && stated != width)
        {
            throw new LayoutFileException($"{entry.Where}: {feed.TrId} has {newest.Length} columns, with {entry.Columns.Length} appended "
                + $"the width is {width}, not {stated}");
        }
        CheckWidth(entry, width);
        CheckNames(entry, newest, entry.Columns);
        return feed.WithLayout(FeedLayout.Of(feed.Columns, [.. newest, .. Known(feed, entry.Columns)]));
    }

    private static FeedSchema Create(Entry entry)
    {
        if (entry.IsAppend)
        {
            throw new LayoutFileException($"{entry.Where}: nothing is known of {entry.TrId}, so \"append\" has nothing to append to; "
                + "list every column under \"columns\"");
        }
        CheckNames(entry, [], entry.Columns);
        return new FeedSchema
        {
            TrId = entry.TrId,
            Alias = "",
            RecordName = entry.TrId,
            Columns = entry.Columns,
            Layouts = [FeedLayout.Sequential(entry.Columns.Length)],
        };
    }

    // A known column of the feed keeps its properties; the file only defines its position.
    private static ImmutableArray<Column> Known(FeedSchema feed, ImmutableArray<Column> columns) =>
        [.. columns.Select(c => feed.Columns.FirstOrDefault(k => k.Element.Equals(c.Element, StringComparison.OrdinalIgnoreCase)) ?? c)];

    private static void CheckWidth(Entry entry, int width)
    {
        if (width > FeedLayout.MaxWidth)
            throw new LayoutFileException($"{entry.Where}: a layout must have 1 to {FeedLayout.MaxWidth} columns, not {width}");
    }

    // Readers of the JSON could not distinguish two columns of one name.
    private static void CheckNames(Entry entry, ImmutableArray<Column> taken, IEnumerable<Column> added)
    {
        var names = taken.Select(c => c.JsonName).Concat(s_reservedNames).ToHashSet(StringComparer.Ordinal);
        foreach (var column in added)
        {
            if (s_reservedNames.Contains(column.Element, StringComparer.Ordinal))
            {
                throw new LayoutFileException(
                    $"{entry.Where}.{entry.Part}: {column.Element} cannot be the name of a column: JSON and CSV use it for something else");
            }
            if (!names.Add(column.JsonName))
            {
                throw new LayoutFileException(
                    $"{entry.Where}.{entry.Part}: two columns would be called {column.JsonName}; give {column.Element} another \"name\"");
            }
        }
    }

    private static Entry ReadEntry(JsonElement json, string where)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new LayoutFileException($"{where}: expected an object");
        var trId = ReadString(json, "trId", where) ?? throw new LayoutFileException($"{where}: \"trId\" is missing");
        if (!DataFrame.IsTrId(trId))
            throw new LayoutFileException($"{where}.trId: \"{trId}\" is not 1 to 16 letters and digits");
        int? width = null;
        if (json.TryGetProperty("width", out var w))
        {
            width = w.ValueKind == JsonValueKind.Number && w.TryGetInt32(out var number)
                ? number
                : throw new LayoutFileException($"{where}.width: expected a whole number");
        }

        var append = json.TryGetProperty("append", out var list);
        if (append == json.TryGetProperty("columns", out var all))
        {
            throw new LayoutFileException(
                $"{where}: expected either \"append\" (the new columns) or \"columns\" (every column in wire order)");
        }
        var part = append ? "append" : "columns";
        var array = append ? list : all;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
            throw new LayoutFileException($"{where}.{part}: expected an array of at least one column");
        ImmutableArray<Column> columns = [.. array.EnumerateArray().Select((c, i) => ReadColumn(c, $"{where}.{part}[{i}]"))];
        if (columns.GroupBy(c => c.Element, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new LayoutFileException($"{where}.{part}: {twice.Key} occurs twice");
        if (!append && width is { } stated && stated != columns.Length)
            throw new LayoutFileException($"{where}: \"width\" is {stated}, but {columns.Length} columns are listed");
        var entry = new Entry(where, trId, width, append, columns);
        CheckWidth(entry, columns.Length);
        return entry;
    }

    private static Column ReadColumn(JsonElement json, string where)
    {
        if (json.ValueKind == JsonValueKind.String && json.GetString() is { Length: > 0 } only)
            return new Column { Element = CheckName(only, where), Name = only };
        if (json.ValueKind != JsonValueKind.Object)
            throw new LayoutFileException($"{where}: expected an element name or an object with \"element\"");
        var element = ReadString(json, "element", where);
        if (string.IsNullOrEmpty(element))
            throw new LayoutFileException($"{where}: \"element\" is missing");
        return new Column
        {
            Element = CheckName(element, $"{where}.element"),
            Name = ReadString(json, "name", where) is { } name ? CheckName(name, $"{where}.name") : element,
            Korean = CheckText(ReadString(json, "korean", where), $"{where}.korean") ?? "",
            Unit = CheckText(ReadString(json, "unit", where), $"{where}.unit"),
            Type = ReadString(json, "type", where) switch
            {
                null or "text" => ColumnType.Text,
                "integer" => ColumnType.Integer,
                "decimal" or "number" => ColumnType.Decimal,
                "time" => ColumnType.Time,
                "date" => ColumnType.Date,
                "code" => ColumnType.Code,
                var other =>
                    throw new LayoutFileException($"{where}.type: \"{other}\" is none of text, integer, decimal, time, date, code"),
            },
        };
    }

    // Names become members of JSON, headers of CSV, columns of SQL, and text on terminals.
    private static string CheckName(string name, string where) =>
        name.Length is > 0 and <= MaxNameLength
        && (char.IsLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or ' ')
        && name[^1] != ' '
            ? name
            : throw new LayoutFileException(
                $"{where}: \"{PrintableText.Clean(name)}\" is not a valid name: use 1 to {MaxNameLength} letters, digits, _, -, . "
                + "or blanks, with a letter or _ at the beginning");

    private static string? CheckText(string? text, string where) => text is null || PrintableText.Clean(text) == text
        ? text
        : throw new LayoutFileException($"{where}: \"{PrintableText.Clean(text)}\" has control characters: use printable ones only");

    private static string? ReadString(JsonElement json, string name, string where)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new LayoutFileException($"{where}.{name}: expected a string");
    }

    private sealed record Entry(string Where, string TrId, int? Width, bool IsAppend, ImmutableArray<Column> Columns)
    {
        public string Part => IsAppend ? "append" : "columns";
    }
}

/// <summary>A layout file is not valid. The message says what is wrong, where, and what is expected.</summary>
public sealed class LayoutFileException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>Applies layout files to catalogs.</summary>
public static class LayoutFileExtensions
{
    /// <summary>Returns the catalog with the layouts of a layout file added.</summary>
    /// <exception cref="LayoutFileException">A layout does not fit its feed.</exception>
    public static FeedCatalog WithLayouts(this FeedCatalog catalog, LayoutFile layouts)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(layouts);
        return new FeedCatalog(layouts.ApplyTo(catalog.Feeds));
    }
}
