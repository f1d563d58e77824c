using System.Globalization;
using System.Text;
using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tables;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests.Staging;

/// <summary>The rows that frames should be stored as, for each table: computed independently of the code that is tested.</summary>
internal sealed class ExpectedRows
{
    private readonly Dictionary<string, List<string>> _rows = new(StringComparer.Ordinal);

    public static IReadOnlyList<FeedTable> Tables { get; } = [.. FeedTable.AllOf(KisFeeds.Catalog)];

    /// <summary>The number of rows of all tables.</summary>
    public int Count { get; private set; }

    /// <summary>The tables that have rows.</summary>
    public IEnumerable<string> TableNames => _rows.Keys;

    /// <summary>The rows of a table, in the order in which they were added.</summary>
    public IReadOnlyList<string> this[string table] => _rows.TryGetValue(table, out var rows) ? rows : [];

    /// <summary>Adds the records of a frame.</summary>
    public void Add(FeedSchema feed, string text, DateTimeOffset at)
    {
        var table = Tables.Single(table => table.Feeds.Contains(feed.TrId, StringComparer.Ordinal));
        if (!_rows.TryGetValue(table.Name, out var rows))
            _rows.Add(table.Name, rows = []);
        DataFrame.TryParse(Encoding.UTF8.GetBytes(text), out var frame, out _).ShouldBeTrue();
        feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var fields = Encoding.UTF8.GetString(frame.Payload).Split('^');
        for (var record = 0; record < frame.Count; record++)
        {
            var own = fields[(record * shape.Width)..((record + 1) * shape.Width)];
            var values = new List<string>
            {
                $"id={at.UtcTicks - DateTime.UnixEpoch.Ticks}",
                $"received_at={at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFF}+00:00",
                $"trading_day={KoreaTime.From(at):yyyy-MM-dd}",
                $"record={record + 1}",
                $"feed={feed.TrId}",
                $"key={own[shape.Layout.PositionOf(feed.KeyColumn)].Trim()}",
                $"extra={(shape.IsUnknownWidth ? "[new 값,null]" : "null")}",
            };
            foreach (var column in table.Columns)
            {
                if (column.IsExchangeTime)
                {
                    values.Add($"{column.Name}={TimeOf(feed, shape, own, at)}");
                    continue;
                }

                if (column.IsPriceScale)
                {
                    values.Add($"{column.Name}=null");
                    continue;
                }

                var texts =
                    column.Sources.Select(source => shape.Layout.PositionOf(source) is >= 0 and var position ? own[position].Trim() : null)
                    .ToList();
                values.Add($"{column.Name}={(column.IsArray ? ArrayOf(texts, column.Type) : Value(texts[0], column.Type))}");
            }

            rows.Add(string.Join('\n', values));
            Count++;
        }
    }

    /// <summary>Converts the result of <c>row_to_json</c> to the form of these rows.</summary>
    public static string Normalize(string row)
    {
        using var json = JsonDocument.Parse(row);
        return string.Join('\n', json.RootElement.EnumerateObject().Select(member => $"{member.Name}={Text(member.Value)}"));

        static string Text(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Text))}]",
            _ => value.GetRawText(),
        };
    }

    // The frames are generated, so that the time of receipt says nothing about their dates.
    private static string TimeOf(FeedSchema feed, FrameShape shape, string[] fields, DateTimeOffset at)
    {
        var culture = CultureInfo.InvariantCulture;
        if (!TimeOnly.TryParseExact(Field(feed.TimeColumn), "HHmmss", culture, DateTimeStyles.None, out var time))
            return "null";
        DateOnly? date = DateOnly.TryParseExact(Field(feed.DateColumn), "yyyyMMdd", culture, DateTimeStyles.None, out var own) ? own : null;
        var instant = ExchangeTime.At(time, at, date, null, feed.HasKoreanSession);
        return instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", culture);

        string Field(int column) => column >= 0 && shape.Layout.PositionOf(column) is >= 0 and var position ? fields[position].Trim() : "";
    }

    private static string ArrayOf(List<string?> texts, ColumnType type)
    {
        var length = texts.FindLastIndex(text => text is not null) + 1;
        return length == 0 ? "null" : $"[{string.Join(',', texts.Take(length).Select(text => Value(text, type)))}]";
    }

    private static string Value(string? text, ColumnType type)
    {
        if (text is null or "" or "(null)"
            || (text.EndsWith("nan", StringComparison.Ordinal) && type is not (ColumnType.Text or ColumnType.Code)))
        {
            return "null";
        }
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            ColumnType.Integer => ((long)decimal.Parse(text, invariant)).ToString(invariant),
            ColumnType.Decimal => decimal.Parse(text, invariant) is var number && number == 0
                ? Math.Abs(number).ToString(invariant)
                : number.ToString(invariant),
            ColumnType.Time => $"{text[..2]}:{text[2..4]}:{text[4..]}",
            ColumnType.Date => text.All(c => c == '0') ? "null" : $"{text[..4]}-{text[4..6]}-{text[6..]}",
            _ => text,
        };
    }
}
