using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Output;
using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>
/// JSON and CSV are written from the fields, typed records are decoded from them; both must accept and return the same values.
/// </summary>
public sealed class OutputAgreementTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Gen<string> s_anything = Gen.Elements(
        "", " ", "(null)", "nan", "-nan", "NaN", "x", "26A4.54", "1.2.3", "240000", "12:00:", "123456789", "상승", "-", ".", "+", "2.5", "-0",
        "+0.10", "99999999999999999999", "1^", "a|b", "\"", ",", "\n");

    [Fact]
    public void IndexTrade_Agrees() => ShouldAgree(IndexTrade.Feed);

    [Fact]
    public void BondTrade_Agrees() => ShouldAgree(BondTrade.Feed);

    [Fact]
    public void ProgramTrade_Agrees() => ShouldAgree(ProgramTrade.Nxt);

    [Fact]
    public void OrderNotice_Agrees() => ShouldAgree(OrderNotice.Feed);

    [Fact]
    public void Probe_Agrees() => ShouldAgree(Probe.Feed);

    [Fact]
    public void Probe_WithNamedColumns_Agrees() =>
        ShouldAgree(new Feed<Probe>(Probe.Feed.Schema.WithLayout(FeedLayout.Appended(6,
        [
            new Column { Element = "N1", Name = "First", Type = ColumnType.Decimal },
            new Column { Element = "N2", Name = "Second", Type = ColumnType.Code },
            new Column { Element = "N3", Name = "Third", Type = ColumnType.Time },
            new Column { Element = "N4", Name = "Fourth" },
        ]))));

    private static void ShouldAgree<T>(Feed<T> feed)
        where T : struct, IFeedRecord<T>
    {
        var width = feed.Schema.Layouts[^1].Width;
        var accepted = 0;
        var rejected = 0;
        Check.One(s_config, Prop.ForAll(Frames(feed, width).ToArbitrary(), text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (!DataFrame.TryParse(bytes, out var frame, out _) || !feed.Schema.TryResolve(frame, out var shape, out _))
                return;
            var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
            var csv = new RecordCsv(feed.Schema, NameStyle.Kis);
            while (reader.MoveNext())
            {
                var fields = reader.Current;
                var readable = RecordJson.TryCheck(feed.Schema, fields, out var checkError);
                T.TryDecode(fields, new StringPool(), Decoding.ReceivedAt, out var record, out var decodeError).ShouldBe(readable, text);
                decodeError.ShouldBe(checkError);
                if (!readable)
                {
                    rejected++;
                    continue;
                }

                accepted++;
                ShouldHaveEqualValues(feed.Schema, fields, record, csv);
            }
        }));
        accepted.ShouldBeGreaterThan(100);
        rejected.ShouldBeGreaterThan(100);
    }

    /// <summary>The fields of generated records, some of them replaced by other texts.</summary>
    private static Gen<string> Frames<T>(Feed<T> feed, int width)
        where T : struct, IFeedRecord<T> =>
        from records in RecordGenerator.Several<T>()
        from extra in Gen.Choose(0, 2)
        from replace in Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(1, 4)))
        from positions in Gen.ArrayOf(Gen.Choose(0, (records.Length * (width + extra)) - 1), replace)
        from values in Gen.ArrayOf(s_anything, replace)
        from padding in Gen.Elements("", " ", "  ")
        select Frame(feed.TrId, records, width + extra, positions, values, padding);

    private static string Frame<T>(string trId, T[] records, int width, int[] positions, string[] values, string padding)
        where T : struct, IFeedRecord<T>
    {
        var fields = records.SelectMany(r => Fields(r).Concat(Enumerable.Repeat("", width)).Take(width)).ToArray();
        foreach (var (position, value) in positions.Zip(values))
            fields[position] = value;
        return $"0|{trId}|{records.Length:D3}|{string.Join('^', fields.Select(f => padding + f + padding))}";
    }

    private static string[] Fields<T>(T record)
        where T : struct, IFeedRecord<T>
    {
        var output = new ArrayBufferWriter<byte>();
        T.Encode(record, output);
        return Encoding.UTF8.GetString(output.WrittenSpan).Split('^');
    }

    private static void ShouldHaveEqualValues<T>(FeedSchema feed, in RecordFields fields, T record, RecordCsv csv)
        where T : struct, IFeedRecord<T>
    {
        var kis = Json(feed, fields, NameStyle.Kis);
        var english = Json(feed, fields, NameStyle.English);
        var row = new ExactBuffer();
        csv.WriteRow(row, fields);
        var cells = CsvRow.Parse(row.Text);
        cells.Count.ShouldBe(csv.Header.Count());

        for (var i = 0; i < T.Columns.Length; i++)
        {
            var column = T.Columns[i];
            var value = typeof(T).GetProperty(column.Name)!.GetValue(record);
            var json = kis.GetProperty(column.Element);
            var named = english.GetProperty(column.JsonName);
            var expected = Expected(value);

            (json.ValueKind == JsonValueKind.Null ? "" : json.ToString()).ShouldBe(expected, column.Element);
            cells[i].ShouldBe(expected, column.Element);
            json.ValueKind.ShouldBe(
                expected.Length == 0 ? JsonValueKind.Null : column.IsNumeric ? JsonValueKind.Number : JsonValueKind.String);
            var englishExpected = value is Enum known && Enum.IsDefined(known.GetType(), known)
                ? JsonNamingPolicy.CamelCase.ConvertName(known.ToString())
                : expected;
            (named.ValueKind == JsonValueKind.Null ? "" : named.ToString()).ShouldBe(englishExpected, column.Name);
        }

        for (var i = 0; i < fields.Layout.ExtraColumns.Length; i++)
        {
            var column = fields.Layout.ExtraColumns[i];
            record.Extra.TryGet(column.Element, out var text).ShouldBeTrue();
            var json = kis.GetProperty(column.Element);
            text = text.Trim(' ');
            if (json.ValueKind == JsonValueKind.Number)
                json.GetDecimal().ShouldBe(decimal.Parse(text, CultureInfo.InvariantCulture));
            else if (json.ValueKind == JsonValueKind.Null)
                text.ToUpperInvariant().ShouldBeOneOf("", "(NULL)", "NAN", "-NAN");
            else
                json.GetString().ShouldBe(text);
        }
    }

    private static JsonElement Json(FeedSchema feed, in RecordFields fields, NameStyle names)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            RecordJson.WriteMembers(json, feed, fields, names);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(output.WrittenMemory, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return document.RootElement.Clone();
    }

    private static string Expected(object? value) => value switch
    {
        null => "",
        string text => text,
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HHmmss", CultureInfo.InvariantCulture),
        Enum code => Characters(Convert.ToUInt64(code, CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException(value.GetType().Name),
    };

    private static string Characters(ulong code)
    {
        var text = "";
        for (; code != 0; code >>= 8)
            text = (char)(code & 0xFF) + text;
        return text;
    }
}
