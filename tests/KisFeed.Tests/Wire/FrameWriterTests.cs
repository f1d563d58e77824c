namespace KisFeed.Tests.Wire;

public sealed class FrameWriterTests
{
    [Theory]
    [InlineData(false, 1, "0|H0UPCNT0|001|")]
    [InlineData(true, 20, "1|H0UPCNT0|020|")]
    [InlineData(false, 1000, "0|H0UPCNT0|1000|")]
    public void Header_IsWritten(bool encrypted, int count, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteHeader(output, encrypted, "H0UPCNT0", count);
        Encoding.ASCII.GetString(output.WrittenSpan).ShouldBe(expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_000_000)]
    public void InvalidCount_IsRejected(int count) =>
        Should.Throw<ArgumentOutOfRangeException>(() => FrameWriter.WriteHeader(new ArrayBufferWriter<byte>(), false, "H0UPCNT0", count));

    [Theory]
    [InlineData("")]
    [InlineData("H0|UP")]
    [InlineData("지수")]
    [InlineData("ABCDEFGHIJKLMNOPQ")]
    public void InvalidTrId_IsRejected(string trId) =>
        Should.Throw<ArgumentException>(() => FrameWriter.WriteHeader(new ArrayBufferWriter<byte>(), false, trId, 1));

    [Fact]
    public void SeveralRecords_AreOneList() =>
        Decoding.Encode("T0PROBE0", new Probe { Code = "A", Quantity = 1 }, new Probe { Code = "B", Price = 3.010m })
            .ShouldBe("0|T0PROBE0|002|A^^1^^^^B^^^3.010^^");

    [Fact]
    public void NoRecords_AreRejected() =>
        Should.Throw<ArgumentException>(() => Decoding.Encode<Probe>("T0PROBE0"));

    [Fact]
    public void RecordsOfDifferentWidths_AreRejected()
    {
        var wide = Decoding.Record<Probe>(Probe.Feed.Schema, "0|T0PROBE0|001|A^^^^^^x^y");
        Should.Throw<ArgumentException>(() => Decoding.Encode("T0PROBE0", wide, new Probe { Code = "B" }));
        Decoding.Encode("T0PROBE0", wide, wide).ShouldBe("0|T0PROBE0|002|A^^^^^^x^y^A^^^^^^x^y");
    }

    [Fact]
    public void TextWithASeparator_IsRejected()
    {
        Should.Throw<ArgumentException>(() => Decoding.Encode("T0PROBE0", new Probe { Code = "a^b" })).Message.ShouldStartWith("CODE ");
        Should.Throw<ArgumentException>(() => Decoding.Encode("T0PROBE0", new Probe { Code = "A", Name = "^" })).Message
            .ShouldStartWith("NAME ");
    }

    [Fact]
    public void ALineBreakInsideAText_IsPreserved()
    {
        const string Frame = "0|T0PROBE0|001|A\n^\r\n^^^^";
        Decoding.Encode("T0PROBE0", Decoding.Record<Probe>(Probe.Feed.Schema, Frame)).ShouldBe(Frame);
    }

    /// <summary>Readers ignore line ends after a frame.</summary>
    [Theory]
    [InlineData("0|T0PROBE0|001|A^^^^^^x^\n^")]
    [InlineData("0|T0PROBE0|001|A^^^^^^x\r\n^")]
    [InlineData("0|T0PROBE0|002|A^^^^^^x^y^A^^^^^^x^\0^")]
    public void ALineEndInTheLastText_IsPreserved(string frame) =>
        Decoding.Encode("T0PROBE0", [.. Decoding.Records<Probe>(Probe.Feed.Schema, frame)]).ShouldBe(frame);

    [Fact]
    public void TextThatIsNotUnicode_IsRejected() =>
        Should.Throw<ArgumentException>(() => Decoding.Encode("T0PROBE0", new Probe { Code = "A\ud800" }));

    [Theory]
    [InlineData('^')]
    [InlineData('\n')]
    [InlineData(0xFFul)]
    [InlineData(('1' << 16) | '2')]
    [InlineData(0ul)]
    public void InvalidCode_IsRejected(ulong code) =>
        Should.Throw<ArgumentException>(() => Decoding.Encode("T0PROBE0", new Probe { Code = "A", Sign = (ChangeSign)code })).Message
            .ShouldStartWith("SIGN ");

    [Theory]
    [InlineData("2", "0000000002")]
    [InlineData("0", "0000000000")]
    [InlineData("12345678901", "12345678901")]
    [InlineData("-5", "-5")]
    public void ZeroPadding_IsRestored(string quantity, string expected)
    {
        var notice =
            new OrderNotice { CustomerId = "A", FillQuantity = long.Parse(quantity, System.Globalization.CultureInfo.InvariantCulture) };
        Decoding.Encode("H0IFCNI0", notice).Split('^')[8].ShouldBe(expected);
    }

    [Theory]
    [InlineData("7840000", "007840000")]
    [InlineData("361.25", "000361.25")]
    [InlineData("0", "000000000")]
    [InlineData("-361.25", "-361.25")]
    public void ZeroPadding_OfDecimals(string price, string expected)
    {
        var notice =
            new OrderNotice { CustomerId = "A", FillPrice = decimal.Parse(price, System.Globalization.CultureInfo.InvariantCulture) };
        Decoding.Encode("H0IFCNI0", notice).Split('^')[9].ShouldBe(expected);
    }
}
