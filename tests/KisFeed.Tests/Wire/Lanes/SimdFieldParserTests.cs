using System.Collections.Immutable;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Tests.Wire.Lanes;

/// <summary>
/// Fields parsed four and eight at once give the same results as fields parsed one at a time, and these the same as
/// <see cref="FieldText"/>. Vector widths that the machine lacks are not tested. Set <c>DOTNET_EnableAVX512=0</c> or
/// <c>DOTNET_EnableAVX2=0</c> to test the smaller ones.
/// </summary>
public sealed class SimdFieldParserTests
{
    private const string Alphabet = "0159-.+ /:A(";
    private const string Head = "0|H0UPCNT0|001|0001^";

    private static readonly ColumnType[] s_types = [ColumnType.Decimal, ColumnType.Integer, ColumnType.Time, ColumnType.Code];

    private delegate int Reader(
        ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, Span<ulong> values, Span<byte> forms);

    [Fact]
    public void All_short_fields_are_parsed_equally()
    {
        var fields = Enumerable.Range(0, 5).SelectMany(Strings).ToArray();
        for (var i = 0; i < fields.Length; i += 2)
        {
            // Each type in two lanes: the field and the one after it.
            var pair = new[] { fields[i], fields[Math.Min(i + 1, fields.Length - 1)] };
            Check([.. pair, .. pair, .. pair, .. pair], [.. s_types.SelectMany(t => new[] { t, t })], "");
        }
    }

    [Fact]
    public void Long_and_random_fields_are_parsed_equally()
    {
        var seed = TestRun.Seed;
        var random = new Random(seed);
        for (var i = 0; i < 50_000; i++)
        {
            // Nearly all fields are valid; otherwise nothing would be parsed.
            var types = Enumerable.Range(0, LaneColumns.Count).Select(_ => s_types[random.Next(s_types.Length)]).ToArray();
            var longest = random.Next(2) == 0 ? 8 : 19;
            Check([.. types.Select(t => Field(random, t, longest))], types, $"seed {seed}, number {i}: ");
        }
    }

    [Fact]
    public void Fields_between_texts_of_any_length_are_parsed_equally()
    {
        var seed = TestRun.Seed;
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            ColumnType[] types =
            [
                ColumnType.Text, ColumnType.Decimal, ColumnType.Text, ColumnType.Integer, ColumnType.Time, ColumnType.Code,
                ColumnType.Decimal, ColumnType.Text,
            ];
            Check(
                [.. types.Select(t => t == ColumnType.Text ? new string('가', random.Next(40)) : Field(random, t, 8))],
                types,
                $"seed {seed}, number {i}: ");
        }
    }

    [Fact]
    public void Common_forms_are_parsed()
    {
        string[] fields = ["2624.54", "-17227936700", "091240", "2", "-0.05", "9999999999999.99", "0", "12345678"];
        ColumnType[] types =
        [
            ColumnType.Decimal, ColumnType.Integer, ColumnType.Time, ColumnType.Code, ColumnType.Decimal, ColumnType.Decimal,
            ColumnType.Integer, ColumnType.Integer,
        ];

        Check(fields, types, "").ShouldBe(0xFF);
    }

    // Returns a bit for each parsed field.
    private static int Check(string[] fields, ColumnType[] types, string context)
    {
        var text = Encoding.UTF8.GetBytes(Head + string.Join('^', fields));
        var starts = new int[fields.Length + 1 + Separators.Slack];
        Separators.Find(text, Head.Length, fields.Length, starts);
        ImmutableArray<Column> columns = [.. types.Select((t, i) => new Column { Element = $"C{i}", Name = $"C{i}", Type = t })];
        var group = LaneColumns.GroupsOf(columns)[0];

        var values = new ulong[LaneColumns.Count];
        var forms = new byte[LaneColumns.Count];
        var parsed = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            if (types[i] != ColumnType.Text
                && SwarFieldParser.TryRead(text, starts[i], starts[i + 1] - 1, types[i], out values[i], out forms[i]))
            {
                parsed |= 1 << i;
                MatchesFieldText(fields[i], types[i], values[i], forms[i])
                    .ShouldBeTrue($"{context}'{fields[i]}' as {types[i]} gave {(long)values[i]} in the form {forms[i]}");
            }
        }

        if (Avx2.IsSupported)
            ShouldMatch(SimdFieldParser256.Read);
        if (Avx512Vbmi2.IsSupported)
            ShouldMatch(SimdFieldParser512.Read);
        return parsed;

        void ShouldMatch(Reader read)
        {
            var (otherValues, otherForms) = (new ulong[LaneColumns.Count], new byte[LaneColumns.Count]);
            var mask = read(text, starts, group, otherValues, otherForms) & group.Values;
            mask.ShouldBe(parsed, $"{context}{read.Method.DeclaringType!.Name} parsed other fields of {string.Join('^', fields)} "
                + $"as {string.Join(' ', types)}");
            for (var i = 0; i < fields.Length; i++)
            {
                if ((mask & (1 << i)) != 0)
                {
                    (otherValues[i], otherForms[i])
                        .ShouldBe((values[i], forms[i]), $"{context}{read.Method.DeclaringType!.Name}: '{fields[i]}' as {types[i]}");
                }
            }
        }
    }

    private static bool MatchesFieldText(string field, ColumnType type, ulong value, byte form)
    {
        var text = Encoding.UTF8.GetBytes(field);
        return type switch
        {
            ColumnType.Decimal => FieldText.TryReadDecimal(text, out var number, out _)
                && FieldValue.ToDecimal(value, form, null, 0) is { } read
                && read == number
                && read.Scale == number.Scale,
            ColumnType.Integer => FieldText.TryReadInteger(text, out var number, out _) && FieldValue.ToInteger(value, form) == number,
            ColumnType.Time => FieldText.TryReadTime(text, out var time, out _) && FieldValue.ToTime(value, form) == time,
            ColumnType.Code => FieldText.TryReadCode(text, out var code, out _) && FieldValue.ToCode(value, form) == code,
            _ => false,
        };
    }

    private static string Field(Random random, ColumnType type, int longest)
    {
        var digits = new string([.. Enumerable.Range(0, random.Next(1, longest + 1)).Select(_ => (char)('0' + random.Next(10)))]);
        var field = type switch
        {
            ColumnType.Decimal => digits.Insert(random.Next(digits.Length + 1), random.Next(3) == 0 ? "" : "."),
            ColumnType.Time => $"{random.Next(25):00}{random.Next(61):00}{random.Next(61):00}",
            ColumnType.Code => digits[..Math.Min(digits.Length, random.Next(1, 3))],
            _ => digits,
        };
        if (random.Next(3) == 0)
            field = $"-{field}";
        return random.Next(20) == 0 ? field.Insert(random.Next(field.Length + 1), $"{Alphabet[random.Next(Alphabet.Length)]}") : field;
    }

    private static IEnumerable<string> Strings(int length) =>
        length == 0 ? [""] : Strings(length - 1).SelectMany(s => Alphabet.Select(c => s + c));
}
