using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using KisFeed.PostgreSql.Rows;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests;

/// <summary>Fields are accepted if and only if the library accepts them, and numbers keep their value and scale.</summary>
public sealed class CopyRowsTests
{
    private const int Texts = 200_000;
    private const int HeaderLength = 19;

    private static readonly string[] s_alphabets = ["0123456789", "0001", "0123456789.-+", "09.", "123nal(u) ", "0159: T"];

    [Theory]
    [InlineData(ColumnType.Integer)]
    [InlineData(ColumnType.Decimal)]
    [InlineData(ColumnType.Time)]
    [InlineData(ColumnType.Date)]
    [InlineData(ColumnType.Code)]
    [InlineData(ColumnType.Text)]
    public void Exactly_the_fields_that_the_library_accepts_are_written(ColumnType type)
    {
        var random = new Random(TestRun.Seed);
        var rows = new CopyRows();
        for (var i = 0; i < TestRun.Of(Texts); i++)
        {
            var text = NextText(random);
            var bytes = Encoding.UTF8.GetBytes(text);
            var isValid = FieldText.TryCheck(FieldText.Trim(bytes), type, out _);
            rows.Clear();
            var mark = rows.BeginRow(1);

            rows.TryWriteField(bytes, type).ShouldBe(isValid, $"'{text}', seed {TestRun.Seed}");

            if (isValid && type is (ColumnType.Decimal or ColumnType.Integer) && !FieldText.IsAbsentValue(FieldText.Trim(bytes)))
            {
                ValueOf(rows.Bytes.Span[(HeaderLength + 2)..], type)
                    .ShouldBe(Expected(text.Trim(), type), $"'{text}', seed {TestRun.Seed}");
            }
            rows.CancelRow(mark);
            (rows.Count, rows.Bytes.Length).ShouldBe((0, HeaderLength));
        }
    }

    private static string NextText(Random random)
    {
        var alphabet = s_alphabets[random.Next(s_alphabets.Length)];
        var text = string.Concat(Enumerable.Range(0, random.Next(0, 24)).Select(_ => alphabet[random.Next(alphabet.Length)]));
        return random.Next(3) == 0 && text.Length > 1 ? text.Insert(random.Next(text.Length), ".") : text;
    }

    private static string Expected(string text, ColumnType type)
    {
        var number = decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return (type == ColumnType.Integer ? (long)number : number == 0 ? Math.Abs(number) : number).ToString(CultureInfo.InvariantCulture);
    }

    // numeric = number of groups, weight of the first group, sign, scale, groups of four digits.
    private static string ValueOf(ReadOnlySpan<byte> value, ColumnType type)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(value);
        value = value[4..];
        value.Length.ShouldBe(length);
        if (type == ColumnType.Integer)
            return BinaryPrimitives.ReadInt64BigEndian(value).ToString(CultureInfo.InvariantCulture);
        var (count, weight) = (BinaryPrimitives.ReadInt16BigEndian(value), BinaryPrimitives.ReadInt16BigEndian(value[2..]));
        var (sign, scale) = (BinaryPrimitives.ReadUInt16BigEndian(value[4..]), BinaryPrimitives.ReadInt16BigEndian(value[6..]));
        var digits = new StringBuilder();

        // Position 0 is the group of the ones.
        for (var position = Math.Max(weight, (short)0); position >= -((scale + 3) / 4); position--)
        {
            var index = weight - position;
            var group = index >= 0 && index < count ? BinaryPrimitives.ReadInt16BigEndian(value[(8 + (index * 2))..]) : (short)0;
            digits.Append(CultureInfo.InvariantCulture, $"{group:0000}");
            if (position == 0)
                digits.Append('.');
        }

        var text = digits.ToString();
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var integer = text[..point].TrimStart('0');
        var number =
            $"{(sign == 0 ? "" : "-")}{(integer.Length == 0 ? "0" : integer)}{(scale == 0 ? "" : $".{text[(point + 1)..][..scale]}")}";
        if (count > 0)
        {
            (BinaryPrimitives.ReadInt16BigEndian(value[8..]) != 0
                && BinaryPrimitives.ReadInt16BigEndian(value[(8 + ((count - 1) * 2))..]) != 0)
                .ShouldBeTrue("PostgreSQL strips groups of zeros");
        }
        return number;
    }
}
