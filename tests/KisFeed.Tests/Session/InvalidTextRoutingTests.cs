using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

public sealed class InvalidTextRoutingTests
{
    private static readonly FeedSchema s_program = ProgramTrade.Consolidated.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private static readonly byte[] s_key = "abcdefghijklmnopabcdefghijklmnop"u8.ToArray();
    private static readonly byte[] s_iv = "0123456789abcdef"u8.ToArray();

    [Fact]
    public void A_frame_of_a_known_feed_is_malformed_for_that_feed()
    {
        var driver = new SessionDriver().Open();
        var first = driver.SubscribeAndConfirm(s_program, "005930");
        var second = driver.SubscribeAndConfirm(s_program, "000660");
        driver.SubscribeAndConfirm(IndexTrade.Feed.Schema, "0001");
        driver.Receive([.. "0|H0UNPGM0|001|005930^092237^한"u8, 0xFF, .. "^2^3^4^2^2^5^6^1"u8]);
        driver.Actions.Delivered.ShouldBeEmpty();
        driver.Actions.Malformed.Select(m => (m.Registration, m.Error)).ShouldBe(
            [(first, new FrameError(FrameErrorKind.InvalidUtf8, 32)), (second, new FrameError(FrameErrorKind.InvalidUtf8, 32))]);
        driver.Machine.Malformed.ShouldBe(1);
    }

    [Fact]
    public void A_notice_with_invalid_plain_text_is_malformed_only_for_its_customer()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_notice, "other", "ponmlkjihgfedcbaponmlkjihgfedcba", "0123456789abcdef");
        var customer = driver.SubscribeAndConfirm(s_notice, "someone", "abcdefghijklmnopabcdefghijklmnop", "0123456789abcdef");
        byte[] plain =
        [
            .. "someone^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^"u8,
            0xC4,
            0xDA,
            .. "^F^^^^000000000"u8,
        ];
        driver.Receive(Encrypted(plain));
        driver.Actions.Delivered.ShouldBeEmpty();
        var malformed = driver.Actions.Malformed.Single();
        malformed.Registration.ShouldBe(customer);
        malformed.Error.ShouldBe(new FrameError(FrameErrorKind.InvalidUtf8, "0|H0IFCNI0|001|".Length + plain.AsSpan().IndexOf((byte)0xC4)));
        malformed.Raw.ShouldStartWith("0|H0IFCNI0|001|someone^", Case.Sensitive, "the position refers to the plain text");
    }

    [Fact]
    public void A_notice_whose_first_block_is_not_text_has_the_wrong_key()
    {
        var driver = new SessionDriver().Open();
        var customer = driver.SubscribeAndConfirm(s_notice, "someone", "abcdefghijklmnopabcdefghijklmnop", "0123456789abcdef");
        driver.Receive(Encrypted([.. "someone^123456"u8, 0xC4, .. "^0000001666^^02^0"u8]));
        var malformed = driver.Actions.Malformed.Single();
        malformed.Registration.ShouldBe(customer);
        malformed.Error.Kind.ShouldBe(FrameErrorKind.WrongNoticeKey);
        malformed.Raw.ShouldStartWith("1|H0IFCNI0|001|");
    }

    private static byte[] Encrypted(byte[] plain)
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(s_key, s_iv)!);
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteHeader(output, true, "H0IFCNI0", 1);
        cipher.Encrypt(plain, output);
        return output.WrittenSpan.ToArray();
    }
}
