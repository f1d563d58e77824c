namespace KisFeed.Tests.Wire;

/// <summary>The errors reported for invalid fields, and their positions.</summary>
public sealed class FieldErrorTests
{
    private static readonly FeedSchema s_feed = Probe.Feed.Schema;

    public static TheoryData<string, string, FrameErrorKind> InvalidValues => new()
    {
        { "QTY", "26A4", FrameErrorKind.InvalidNumber },
        { "QTY", "1.5", FrameErrorKind.InvalidNumber },
        { "QTY", ".0", FrameErrorKind.InvalidNumber },
        { "QTY", "1,000", FrameErrorKind.InvalidNumber },
        { "QTY", "-", FrameErrorKind.InvalidNumber },
        { "QTY", "+", FrameErrorKind.InvalidNumber },
        { "QTY", "--5", FrameErrorKind.InvalidNumber },
        { "QTY", "+-5", FrameErrorKind.InvalidNumber },
        { "QTY", "1 2", FrameErrorKind.InvalidNumber },
        { "QTY", "1e3", FrameErrorKind.InvalidNumber },
        { "QTY", "0x1F", FrameErrorKind.InvalidNumber },
        { "QTY", "null", FrameErrorKind.InvalidNumber },
        { "QTY", "inf", FrameErrorKind.InvalidNumber },
        { "QTY", "--nan", FrameErrorKind.InvalidNumber },
        { "QTY", "nan0", FrameErrorKind.InvalidNumber },
        { "QTY", "１２", FrameErrorKind.InvalidNumber },
        { "QTY", "9223372036854775808", FrameErrorKind.NumberOutOfRange },
        { "QTY", "-9223372036854775809", FrameErrorKind.NumberOutOfRange },
        { "QTY", "18446744073709551617", FrameErrorKind.NumberOutOfRange },
        { "QTY", "99999999999999999999999999999999999999999999", FrameErrorKind.NumberOutOfRange },
        { "PRC", "26A4.54", FrameErrorKind.InvalidNumber },
        { "PRC", "1.2.3", FrameErrorKind.InvalidNumber },
        { "PRC", ".", FrameErrorKind.InvalidNumber },
        { "PRC", "-.", FrameErrorKind.InvalidNumber },
        { "PRC", "1.-5", FrameErrorKind.InvalidNumber },
        { "PRC", "1,5", FrameErrorKind.InvalidNumber },
        { "PRC", "1.5%", FrameErrorKind.InvalidNumber },
        { "PRC", "1e5", FrameErrorKind.InvalidNumber },
        { "PRC", "(null", FrameErrorKind.InvalidNumber },
        { "PRC", "1\t", FrameErrorKind.InvalidNumber },
        { "PRC", "79228162514264337593543950336", FrameErrorKind.NumberOutOfRange },
        { "PRC", "99999999999999999999999999999", FrameErrorKind.NumberOutOfRange },
        { "PRC", "9.9999999999999999999999999999", FrameErrorKind.NumberOutOfRange },
        { "PRC", "123456789012345678901234567890", FrameErrorKind.NumberOutOfRange },
        { "PRC", "0.00000000000000000000000000000", FrameErrorKind.NumberOutOfRange },
        { "PRC", "1.00000000000000000000000000000", FrameErrorKind.NumberOutOfRange },
        { "HOUR", "240000", FrameErrorKind.InvalidTime },
        { "HOUR", "126000", FrameErrorKind.InvalidTime },
        { "HOUR", "120060", FrameErrorKind.InvalidTime },
        { "HOUR", "123", FrameErrorKind.InvalidTime },
        { "HOUR", "0912400", FrameErrorKind.InvalidTime },
        { "HOUR", "12:00:", FrameErrorKind.InvalidTime },
        { "HOUR", "-91240", FrameErrorKind.InvalidTime },
        { "HOUR", "+91240", FrameErrorKind.InvalidTime },
        { "HOUR", "09 240", FrameErrorKind.InvalidTime },
        { "HOUR", "1", FrameErrorKind.InvalidTime },
        { "SIGN", "123456789", FrameErrorKind.InvalidCode },
        { "SIGN", "상승", FrameErrorKind.InvalidCode },
        { "SIGN", "1\t", FrameErrorKind.InvalidCode },
        { "SIGN", "\u007f", FrameErrorKind.InvalidCode },
    };

    [Theory]
    [MemberData(nameof(InvalidValues))]
    public void InvalidValue_IsAnError_AtItsColumn_InTheLastRecord(string element, string text, FrameErrorKind kind)
    {
        string[] elements = ["CODE", "NAME", "QTY", "PRC", "HOUR", "SIGN"];
        string[] values = ["B", "이름", " 1", "2.5", "", "2"];
        values[Array.IndexOf(elements, element)] = text;
        var frame = $"0|T0PROBE0|002|A^이름^1^1^^^{string.Join('^', values)}";

        var error = Decoding.Error<Probe>(s_feed, Decoding.Bytes(frame));

        var before = $"0|T0PROBE0|002|A^이름^1^1^^^{string.Join('^', values.TakeWhile(v => v != text))}^";
        error.Kind.ShouldBe(kind);
        error.Position.ShouldBe(Encoding.UTF8.GetByteCount(before));
        error.Record.ShouldBe(1);
        error.Column.ShouldNotBeNull().Element.ShouldBe(element);
        error.ToString().ShouldStartWith($"{element} (");
    }

    [Theory]
    [InlineData(0, 0xFF)]
    [InlineData(0, 0xC3)]
    [InlineData(1, 0xED)]
    [InlineData(1, 0x80)]
    public void TextThatIsNotUtf8_IsAnError(int column, byte invalid)
    {
        var frame = Decoding.Bytes(column == 0 ? "0|T0PROBE0|001|A?^B^1^1^^" : "0|T0PROBE0|001|A^B?^1^1^^");
        frame[Array.IndexOf(frame, (byte)'?')] = invalid;

        var error = Decoding.Error<Probe>(s_feed, frame);

        error.Kind.ShouldBe(FrameErrorKind.InvalidUtf8);
        error.Position.ShouldBe(column == 0 ? 15 : 17);
        error.Record.ShouldBe(0);
        error.Column.ShouldNotBeNull().Element.ShouldBe(column == 0 ? "CODE" : "NAME");
    }

    [Fact]
    public void ExtraColumnThatIsNotUtf8_IsAnError_AtItsPosition()
    {
        var frame = Decoding.Bytes("0|T0PROBE0|001|A^B^1^1^^^한글^x?^y");
        frame[Array.IndexOf(frame, (byte)'?')] = 0xFF;

        var error = Decoding.Error<Probe>(s_feed, frame);

        error.Kind.ShouldBe(FrameErrorKind.InvalidUtf8);
        error.Record.ShouldBe(0);
        error.Column.ShouldBeNull();
        error.Position.ShouldBe(Encoding.UTF8.GetByteCount("0|T0PROBE0|001|A^B^1^1^^^한글^"));
    }

    [Fact]
    public void TheFirstInvalidColumn_IsReported()
    {
        var error = Decoding.Error<Probe>(s_feed, "0|T0PROBE0|001|A^B^x^y^z^123456789"u8);
        error.Column.ShouldNotBeNull().Element.ShouldBe("QTY");
    }

    [Fact]
    public void RecordsBeforeAnInvalidOne_AreDelivered()
    {
        var records = new List<Probe>();
        Decoding.TryRecords(s_feed, "0|T0PROBE0|003|A^^1^^^^B^^2^^^^C^^x^^^"u8, new StringPool(), records, out var error).ShouldBeFalse();
        records.Select(r => r.Code).ShouldBe(["A", "B"]);
        error.Record.ShouldBe(2);
    }

    [Fact]
    public void PublishedSample_WithAnInvalidDigit()
    {
        var frame = Feeds.Samples.Of("H0UPCNT0").Replace("2624.54", "26A4.54", StringComparison.Ordinal);
        var error = Decoding.Error<KisFeed.Feeds.IndexTrade>(KisFeed.Feeds.IndexTrade.Feed.Schema, Decoding.Bytes(frame));
        error.ToString().ShouldBe("prpr_nmix (현재가 지수) of record 1: not a number (byte 27)");
    }
}
