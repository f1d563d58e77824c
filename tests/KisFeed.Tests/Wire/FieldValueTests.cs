namespace KisFeed.Tests.Wire;

/// <summary>The values parsed from field texts.</summary>
public sealed class FieldValueTests
{
    private static readonly FeedSchema s_feed = Probe.Feed.Schema;

    [Theory]
    [InlineData("3.010", "3.010")]
    [InlineData("10575.00", "10575.00")]
    [InlineData("0", "0")]
    [InlineData("0.00", "0.00")]
    [InlineData("-0.00", "0.00")]
    [InlineData("-4.47", "-4.47")]
    [InlineData("+0.12", "0.12")]
    [InlineData("007840000", "7840000")]
    [InlineData("-00012.50", "-12.50")]
    [InlineData("+000.5", "0.5")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("5.", "5")]
    [InlineData("  12.5 ", "12.5")]
    [InlineData("123456789012345678", "123456789012345678")]
    [InlineData("-1234567890.12345678", "-1234567890.12345678")]
    [InlineData("1234567890123456789", "1234567890123456789")]
    [InlineData("12345678901234567.890", "12345678901234567.890")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("12345678901234.56789012345678", "12345678901234.56789012345678")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("0.0000000000000000000000000000", "0.0000000000000000000000000000")]
    [InlineData("-0.00000000000000000000", "0.00000000000000000000")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("-7.9228162514264337593543950335", "-7.9228162514264337593543950335")]
    [InlineData("00000000000000000000000000000000000000000012.50", "12.50")]
    [InlineData("12345678901234567890.", "12345678901234567890")]
    public void Decimal_KeepsDigitsAndScale(string text, string digits)
    {
        var price = Read(price: text).Price.ShouldNotBeNull();

        price.ToString(CultureInfo.InvariantCulture).ShouldBe(digits);
        price.Scale.ShouldBe(
            (byte)(digits.Contains('.', StringComparison.Ordinal) ? digits.Length - digits.IndexOf('.', StringComparison.Ordinal) - 1 : 0));
        (price == 0 && decimal.IsNegative(price)).ShouldBeFalse("a negative zero");
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("+5", 5)]
    [InlineData("-5", -5)]
    [InlineData("0000000002", 2)]
    [InlineData(" 42  ", 42)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000000000009223372036854775807", long.MaxValue)]
    [InlineData("-00000000000000000000000000007", -7)]
    [InlineData("1234.00", 1234)]
    [InlineData("-5.0", -5)]
    [InlineData("7.", 7)]
    public void Integer_IsParsed(string text, long value) =>
        Read(quantity: text).Quantity.ShouldBe(value);

    [Theory]
    [InlineData("000000", 0, 0, 0)]
    [InlineData("235959", 23, 59, 59)]
    [InlineData(" 091240 ", 9, 12, 40)]
    public void Time_IsParsed(string text, int hour, int minute, int second) =>
        Read(time: text).Time.ShouldBe(new TimeOnly(hour, minute, second));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("(null)")]
    [InlineData(" (null) ")]
    [InlineData("nan")]
    [InlineData("-nan")]
    [InlineData("+nan")]
    [InlineData("NaN")]
    [InlineData("-NAN ")]
    public void AbsentNumbersAndTimes_AreNull(string text)
    {
        var probe = Read(quantity: text, price: text, time: text);

        probe.Quantity.ShouldBeNull();
        probe.Price.ShouldBeNull();
        probe.Time.ShouldBeNull();
        probe.Timestamp.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("(null)")]
    public void AbsentTextsAndCodes_AreNull(string text)
    {
        var probe = Read(code: text, name: text, sign: text);

        probe.Code.ShouldBe("");
        probe.Name.ShouldBeNull();
        probe.Sign.ShouldBeNull();
    }

    [Theory]
    [InlineData("nan", "nan")]
    [InlineData("(NULL)", "(NULL)")]
    [InlineData("  삼성전자   F 2 ", "삼성전자   F 2")]
    [InlineData("a|b||c", "a|b||c")]
    [InlineData("\"quoted\", {json} \\ 😀", "\"quoted\", {json} \\ 😀")]
    [InlineData("0005", "0005")]
    [InlineData("\t", "\t")]
    public void Text_IsTrimmed(string text, string value)
    {
        var probe = Read(code: text, name: text);

        probe.Code.ShouldBe(value);
        probe.Name.ShouldBe(value);
    }

    [Theory]
    [InlineData("1", ChangeSign.UpperLimit)]
    [InlineData(" 5 ", ChangeSign.Down)]
    public void KnownCodes_AreEnumMembers(string text, ChangeSign sign) =>
        Read(sign: text).Sign.ShouldBe(sign);

    [Theory]
    [InlineData("9")]
    [InlineData("02")]
    [InlineData("AbC")]
    [InlineData("Y N!")]
    [InlineData("12345")]
    [InlineData("1|3|56")]
    [InlineData("1234567")]
    [InlineData("~!@#$%&*")]
    public void UnknownCodes_OfOneToEightCharacters_ArePreserved(string text)
    {
        var probe = Read(sign: text);

        Enum.IsDefined(probe.Sign.ShouldNotBeNull()).ShouldBeFalse();
        Decoding.Encode("T0PROBE0", new Probe { Code = "A", Sign = probe.Sign }).ShouldBe($"0|T0PROBE0|001|A^^^^^{text}");
    }

    [Fact]
    public void CodesOfDifferentLengths_AreDifferent() =>
        Read(sign: "02").Sign.ShouldNotBe(Read(sign: "2").Sign);

    [Fact]
    public void PipesInsideThePayload_ArePartOfIt() =>
        Decoding.Record<Probe>(s_feed, "0|T0PROBE0|001|A|B^|^1^2^^").ShouldBe(
            new Probe { Code = "A|B", Name = "|", Quantity = 1, Price = 2, ReceivedAt = Decoding.ReceivedAt });

    [Fact]
    public void AWidePayload_IsReadCompletely()
    {
        var frame = "0|T0PROBE0|2000|" + string.Join('^', Enumerable.Range(0, 2000).Select(i => $"K{i}^이름 {i}^{i}^{i}.0^093000^2"));
        frame.Length.ShouldBeGreaterThan(8 * 1024);

        var probes = Decoding.Records<Probe>(s_feed, frame);

        probes.Count.ShouldBe(2000);
        probes[1999].ShouldBe(new Probe
        {
            Code = "K1999",
            Name = "이름 1999",
            Quantity = 1999,
            Price = 1999.0m,
            Time = new TimeOnly(9, 30),
            Sign = ChangeSign.Up,
            ReceivedAt = Decoding.ReceivedAt,
        });
    }

    private static Probe Read(
        string code = "A", string name = "", string quantity = "", string price = "", string time = "", string sign = "") =>
        Decoding.Record<Probe>(s_feed, $"0|T0PROBE0|001|{code}^{name}^{quantity}^{price}^{time}^{sign}");
}
