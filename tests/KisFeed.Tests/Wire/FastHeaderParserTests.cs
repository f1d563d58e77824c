using System.Text;
using KisFeed.Wire;

namespace KisFeed.Tests.Wire;

/// <summary>The fast header parser splits headers like the byte-by-byte parser.</summary>
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
    public void Whatever_byte_stands_at_whatever_place(string head)
    {
        var bytes = Encoding.UTF8.GetBytes(head);
        for (var place = 0; place < bytes.Length; place++)
        {
            for (var value = 0; value <= byte.MaxValue; value++)
            {
                var changed = bytes.ToArray();
                changed[place] = (byte)value;
                Check(changed);
            }
        }
    }

    [Fact]
    public void However_short_it_is_cut()
    {
        var bytes = "0|H0UPCNT0|001|ab"u8.ToArray();
        for (var length = 0; length <= bytes.Length; length++)
            Check(bytes.AsSpan(0, length));
    }

    [Fact]
    public void The_published_form_is_the_usual_one()
    {
        FastHeaderParser.TryRead("0|H0UPCNT0|027|0001"u8, out var count).ShouldBeTrue();

        count.ShouldBe(27);
    }

    private static void Check(ReadOnlySpan<byte> bytes)
    {
        var isRight = DataFrame.TryParse(bytes, out var frame, out var error);
        DataFrame.TryParseAny(bytes, out var expected, out var expectedError).ShouldBe(isRight, Convert.ToHexString(bytes));

        error.ShouldBe(expectedError);
        if (isRight)
            (frame.Count, frame.PayloadOffset, Encoding.UTF8.GetString(frame.TrId)).ShouldBe((expected.Count, expected.PayloadOffset, Encoding.UTF8.GetString(expected.TrId)), Convert.ToHexString(bytes));
    }
}
