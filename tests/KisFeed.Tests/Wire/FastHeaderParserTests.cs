namespace KisFeed.Tests.Wire;

/// <summary>The fast header parser returns the same results as the general one.</summary>
public sealed class FastHeaderParserTests
{
    [Theory]
    [InlineData("0|H0UPCNT0|001|a^b")]
    [InlineData("1|ABCXYZ09|999|+/==")]
    [InlineData("0|H0UPCNT0|010|")]
    [InlineData("0|H0UPCNT0|100|^")]
    [InlineData("0|H0UPCNT0|000|ab")]
    [InlineData("0|H0UPCNT|0001|ab")]
    [InlineData("0|h0upcnt0|001|ab")]
    [InlineData("0|H0UPCNT00|01|ab")]
    public void Any_byte_at_any_position(string head)
    {
        var bytes = Encoding.UTF8.GetBytes(head);
        for (var position = 0; position < bytes.Length; position++)
        {
            for (var value = 0; value <= byte.MaxValue; value++)
            {
                var changed = bytes.ToArray();
                changed[position] = (byte)value;
                Check(changed);
            }
        }
    }

    [Fact]
    public void A_header_truncated_at_any_length()
    {
        var bytes = "0|H0UPCNT0|001|ab"u8.ToArray();
        for (var length = 0; length <= bytes.Length; length++)
            Check(bytes.AsSpan(0, length));
    }

    [Fact]
    public void The_documented_form_is_parsed_fast()
    {
        FastHeaderParser.TryRead("0|H0UPCNT0|027|0001"u8, out var count).ShouldBeTrue();

        count.ShouldBe(27);
    }

    private static void Check(ReadOnlySpan<byte> bytes)
    {
        var isParsed = DataFrame.TryParse(bytes, out var frame, out var error);
        DataFrame.TryParseAny(bytes, out var expected, out var expectedError).ShouldBe(isParsed, Convert.ToHexString(bytes));

        error.ShouldBe(expectedError);
        if (isParsed)
        {
            (frame.Count, frame.PayloadOffset, Encoding.UTF8.GetString(frame.TrId))
                .ShouldBe((expected.Count, expected.PayloadOffset, Encoding.UTF8.GetString(expected.TrId)), Convert.ToHexString(bytes));
        }
    }
}
