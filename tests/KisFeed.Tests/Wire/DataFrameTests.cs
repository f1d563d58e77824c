namespace KisFeed.Tests.Wire;

public sealed class DataFrameTests
{
    [Theory]
    [InlineData("0|H0UPCNT0|001|a^b", false, "H0UPCNT0", 1, 15, "a^b")]
    [InlineData("1|H0IFCNI0|004|QUJD", true, "H0IFCNI0", 4, 15, "QUJD")]
    [InlineData("0|X|1|", false, "X", 1, 6, "")]
    [InlineData("0|X|000000020|a|b|c", false, "X", 20, 14, "a|b|c")]
    [InlineData("0|ABCDEFGHIJKLMNOP|999999999|^^^", false, "ABCDEFGHIJKLMNOP", 999_999_999, 29, "^^^")]
    public void TryParse_SplitsTheHeader(string text, bool encrypted, string trId, int count, int offset, string payload)
    {
        DataFrame.TryParse(Decoding.Bytes(text), out var frame, out var error).ShouldBeTrue();

        frame.IsEncrypted.ShouldBe(encrypted);
        Encoding.ASCII.GetString(frame.TrId).ShouldBe(trId);
        frame.Count.ShouldBe(count);
        frame.PayloadOffset.ShouldBe(offset);
        Encoding.UTF8.GetString(frame.Payload).ShouldBe(payload);
        Encoding.UTF8.GetString(frame.Bytes).ShouldBe(text);
        error.Kind.ShouldBe(FrameErrorKind.None);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    [InlineData("\0\0\r\n")]
    public void Line_ends_and_NULs_at_the_end_of_a_frame_are_not_part_of_it(string end)
    {
        foreach (var text in new[] { "0|H0UPCNT0|001|a^b", "0|X|1|" })
        {
            DataFrame.TryParse(Decoding.Bytes(text + end), out var frame, out _).ShouldBeTrue();

            Encoding.UTF8.GetString(frame.Bytes).ShouldBe(text);
        }
    }

    [Theory]
    [InlineData("", FrameErrorKind.Empty, 0)]
    [InlineData("2|X|1|a", FrameErrorKind.UnknownFlag, 0)]
    [InlineData("|X|1|a", FrameErrorKind.UnknownFlag, 0)]
    [InlineData("{\"header\":{}}", FrameErrorKind.UnknownFlag, 0)]
    [InlineData(" 0|X|1|a", FrameErrorKind.UnknownFlag, 0)]
    [InlineData("0", FrameErrorKind.MissingSeparator, 1)]
    [InlineData("00|X|1|a", FrameErrorKind.MissingSeparator, 1)]
    [InlineData("0^X^1^a", FrameErrorKind.MissingSeparator, 1)]
    [InlineData("0|H0UPCNT0", FrameErrorKind.MissingSeparator, 10)]
    [InlineData("0|", FrameErrorKind.MissingSeparator, 2)]
    [InlineData("0|H0UPCNT0|001", FrameErrorKind.MissingSeparator, 14)]
    [InlineData("0||001|a", FrameErrorKind.InvalidTrId, 2)]
    [InlineData("0|H0-UPCNT|001|a", FrameErrorKind.InvalidTrId, 2)]
    [InlineData("0|H0 UPCNT|001|a", FrameErrorKind.InvalidTrId, 2)]
    [InlineData("0|지수|001|a", FrameErrorKind.InvalidTrId, 2)]
    [InlineData("0|ABCDEFGHIJKLMNOPQ|001|a", FrameErrorKind.InvalidTrId, 2)]
    [InlineData("0|X||a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|0|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|000|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|-1|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|+1|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|1a|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X| 1|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|1000000000|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|4294967297|a", FrameErrorKind.InvalidCount, 4)]
    [InlineData("0|X|99999999999999999999999999|a", FrameErrorKind.InvalidCount, 4)]
    public void TryParse_ReportsTheErrorAndItsPosition(string text, FrameErrorKind kind, int position)
    {
        DataFrame.TryParse(Decoding.Bytes(text), out _, out var error).ShouldBeFalse();

        error.Kind.ShouldBe(kind);
        error.Position.ShouldBe(position);
        error.Record.ShouldBe(-1);
        error.Column.ShouldBeNull();
        error.ToString().ShouldEndWith($"(byte {position})");
    }

    [Theory]
    [InlineData("0|", true)]
    [InlineData("1", true)]
    [InlineData("{", false)]
    [InlineData("", false)]
    [InlineData("2|", false)]
    public void IsDataFrame_ChecksTheFirstByte(string text, bool expected) =>
        DataFrame.IsDataFrame(Decoding.Bytes(text)).ShouldBe(expected);

    [Fact]
    public void EveryErrorKind_HasItsOwnText()
    {
        var texts = Enum.GetValues<FrameErrorKind>().Select(k => new FrameError(k, 7) { Fields = 3, Count = 2 }.ToString()).ToList();

        texts.Distinct(StringComparer.Ordinal).Count().ShouldBe(texts.Count);
        foreach (var (kind, text) in Enum.GetValues<FrameErrorKind>().Zip(texts))
            text.ShouldNotStartWith(kind.ToString(), Case.Sensitive);
    }

    [Fact]
    public void ErrorText_NamesRecordAndColumn_IfKnown()
    {
        var column = new Column { Element = "STCK_PRPR", Korean = "현재가", Name = "Price" };
        new FrameError(FrameErrorKind.InvalidNumber, 31) { Record = 2, Column = column }.ToString()
            .ShouldBe("STCK_PRPR (현재가) of record 3: not a number (byte 31)");
        new FrameError(FrameErrorKind.InvalidUtf8, 31) { Record = 0 }.ToString().ShouldBe("record 1: not valid UTF-8 (byte 31)");
        new FrameError(FrameErrorKind.UnevenFields, 15) { Fields = 61, Count = 2 }.ToString()
            .ShouldBe("61 fields do not divide into 2 records (byte 15)");
    }

    [Fact]
    public void ErrorText_OfAColumnWithoutAKoreanName_HasNoEmptyBrackets()
    {
        var column = new Column { Element = "MARKET_CLS_CODE", Name = "MARKET_CLS_CODE" };
        new FrameError(FrameErrorKind.InvalidCode, 31) { Record = 0, Column = column }.ToString()
            .ShouldStartWith("MARKET_CLS_CODE of record 1: ");
    }
}
