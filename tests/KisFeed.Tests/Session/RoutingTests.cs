using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

public sealed class RoutingTests
{
    private const string Program1 = "005930^092237^1^2^3^4^2^2^5^6^1";
    private const string Program2 = "000660^092237^1^2^3^4^2^2^5^6^1";
    private const string KeyA = "abcdefghijklmnopabcdefghijklmnop";
    private const string KeyB = "ponmlkjihgfedcbaponmlkjihgfedcba";
    private const string Iv = "0123456789abcdef";
    private const string Notice =
        "someone^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^위탁계좌^삼성전자   F 2^^^^000000000";
    private static readonly FeedSchema s_program = ProgramTrade.Consolidated.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;

    [Fact]
    public void A_frame_is_delivered_once_to_each_key_of_its_records()
    {
        var driver = new SessionDriver().Open();
        var first = driver.SubscribeAndConfirm(s_program, "005930");
        var second = driver.SubscribeAndConfirm(s_program, "000660");
        var frame = $"0|H0UNPGM0|003|{Program1}^{Program2}^{Program1}";
        driver.Receive(frame);
        driver.Actions.Delivered.ShouldBe([(first, frame), (second, frame)]);
    }

    [Fact]
    public void Records_of_other_keys_are_counted_and_not_delivered()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        driver.Receive($"0|H0UNPGM0|002|{Program2}^{Program1}");
        driver.Actions.Delivered.Single().Registration.ShouldBe(registration);
        driver.Machine.Unrouted.ShouldBe(1);

        driver.Receive($"0|H0NXPGM0|001|{Program1}");
        driver.Actions.Delivered.Count.ShouldBe(1, "the same key of another feed");
        driver.Machine.Unrouted.ShouldBe(2);
    }

    [Fact]
    public void A_TR_ID_in_lower_case_is_the_same_and_the_frame_is_delivered_as_sent()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        var frames = new[] { $"0|h0unpgm0|001|{Program1}", $"0|H0UNPGM0|001|{Program1}", $"0|H0unPGM0|002|{Program1}^{Program1}" };
        foreach (var frame in frames)
            driver.Receive(frame);
        driver.Actions.Delivered.ShouldBe([.. frames.Select(frame => (registration, frame))]);
        driver.Machine.Unrouted.ShouldBe(0);
    }

    [Fact]
    public void Padding_of_a_key_is_ignored()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.Receive($"0|H0UNPGM0|001|005930   {Program1[6..]}");
        driver.Actions.Delivered.Count.ShouldBe(1);
    }

    [Fact]
    public void Frames_with_appended_columns_are_routed_by_their_width_and_warned_about_once()
    {
        var driver = new SessionDriver().Open();
        var first = driver.SubscribeAndConfirm(s_program, "005930");
        var second = driver.SubscribeAndConfirm(s_program, "000660");
        driver.Actions.Log.Clear();
        var frame = $"0|H0UNPGM0|002|{Program1}^X^{Program2}^Y";
        driver.Receive(frame);
        driver.Receive(frame);
        driver.Actions.Delivered.Select(d => d.Registration).ShouldBe([first, second, first, second]);
        driver.Actions.Log.ShouldBe(["width H0UNPGM0 12"]);
    }

    [Fact]
    public void A_key_is_read_from_its_position_in_the_layout()
    {
        const string Layout =
            """{ "layouts": [ { "trId": "H0UNPGM0", "columns": [ "NEW", "STCK_CNTG_HOUR", "MKSC_SHRN_ISCD", "SELN_CNQN" ] } ] }""";
        var catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Encoding.UTF8.GetBytes(Layout)));
        var driver = new SessionDriver(catalog: catalog).Open();
        var feed = catalog.Feeds.Single(f => f.TrId == "H0UNPGM0");
        var first = driver.SubscribeAndConfirm(feed, "005930");
        var second = driver.SubscribeAndConfirm(feed, "000660");

        driver.Receive("0|H0UNPGM0|001|000660^092237^005930^1");
        driver.Receive("0|H0UNPGM0|002|X^092237^000660^1^000660^092237^005930^1");

        driver.Actions.Delivered.Select(d => d.Registration).ShouldBe([first, second, first]);
    }

    [Fact]
    public void A_frame_that_cannot_be_split_is_malformed_for_every_key_of_its_feed()
    {
        var driver = new SessionDriver().Open();
        var first = driver.SubscribeAndConfirm(s_program, "005930");
        var second = driver.SubscribeAndConfirm(s_program, "000660");
        driver.SubscribeAndConfirm(IndexTrade.Feed.Schema, "0001");
        driver.Receive("0|H0UNPGM0|002|005930^1^2");
        driver.Actions.Malformed.Select(m => (m.Registration, m.Error.Kind))
            .ShouldBe([(first, FrameErrorKind.UnevenFields), (second, FrameErrorKind.UnevenFields)]);
        driver.Actions.Delivered.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("hello", FrameErrorKind.UnknownFlag)]
    [InlineData("", FrameErrorKind.Empty)]
    [InlineData("0|H0UNPGM0", FrameErrorKind.MissingSeparator)]
    [InlineData("0|H0XXXXX0|001|1", FrameErrorKind.UnknownTrId)]
    [InlineData("{\"header\":", FrameErrorKind.InvalidControlMessage)]
    public void A_message_without_a_known_feed_is_malformed_for_every_registration(string message, FrameErrorKind kind)
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.SubscribeAndConfirm(IndexTrade.Feed.Schema, "0001");
        driver.Receive(message);
        driver.Actions.Malformed.Select(m => m.Error.Kind).ShouldBe([kind, kind]);
        driver.Actions.Malformed.ShouldAllBe(m => m.Raw == message);
        driver.Machine.Malformed.ShouldBe(1);

        driver.Receive($"0|H0UNPGM0|001|{Program1}");
        driver.Actions.Delivered.Count.ShouldBe(1, "the next frame arrives");
    }

    [Fact]
    public void A_notice_is_delivered_to_the_registration_whose_key_decrypts_it()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_notice, "first", KeyA, Iv);
        var second = driver.SubscribeAndConfirm(s_notice, "second", KeyB, Iv);
        driver.Receive(Encrypted(Notice, KeyB));
        driver.Actions.Delivered.ShouldBe([(second, $"0|H0IFCNI0|001|{Notice}")]);
        driver.Actions.Malformed.ShouldBeEmpty();
    }

    [Fact]
    public void A_notice_that_no_key_decrypts_is_never_delivered_as_data()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", KeyA, Iv);
        var frame = Encrypted(Notice, KeyB);
        driver.Receive(frame);
        driver.Actions.Delivered.ShouldBeEmpty();
        driver.Actions.Malformed.Single().Registration.ShouldBe(registration);
        driver.Actions.Malformed.Single().Error.Kind.ShouldBe(FrameErrorKind.WrongNoticeKey);
        driver.Actions.Malformed.Single().Raw.ShouldBe(Encoding.UTF8.GetString(frame));
    }

    [Fact]
    public void A_notice_without_any_key_is_reported()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_notice, "HTSID");
        driver.Receive(Encrypted(Notice, KeyB));
        driver.Actions.Malformed.Single().Error.Kind.ShouldBe(FrameErrorKind.NoNoticeKey);
    }

    [Fact]
    public void A_notice_key_of_the_wrong_length_is_reported()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_notice, "HTSID", KeyA[1..], Iv);
        driver.Receive(Encrypted(Notice, KeyA));
        driver.Actions.Malformed.Single().Error.Kind.ShouldBe(FrameErrorKind.InvalidNoticeKey);

        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: KeyA, iv: Iv);
        driver.Receive(Encrypted(Notice, KeyA));
        driver.Actions.Delivered.Count.ShouldBe(1);
    }

    [Fact]
    public void The_number_of_known_widths_is_bounded()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.Actions.Log.Clear();
        for (var i = 1; i <= 1_000; i++)
            driver.Receive($"0|H0UNPGM0|001|{Program1}{new string('^', i)}X");
        driver.Actions.Delivered.Count.ShouldBe(1_000);
        driver.Actions.Log.Count.ShouldBeInRange(10, 100);
    }

    [Fact]
    public void Acknowledgements_of_other_registrations_do_not_replace_a_key()
    {
        var driver = new SessionDriver().Open();
        var notice = driver.SubscribeAndConfirm(s_notice, "HTSID", KeyA, Iv);
        driver.SubscribeAndConfirm(IndexTrade.Feed.Schema, "0001", KeyB, Iv);
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Receive(Encrypted(Notice, KeyA));
        driver.Actions.Delivered.Single().Registration.ShouldBe(notice);
    }

    [Fact]
    public void A_repeated_acknowledgement_with_a_new_key_replaces_the_old_key()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_notice, "HTSID", KeyA, Iv);
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: KeyB, iv: Iv);
        driver.Receive(Encrypted(Notice, KeyB));
        driver.Actions.Delivered.Count.ShouldBe(1);
    }

    [Fact]
    public void A_plain_notice_is_delivered_to_its_customer_or_to_the_only_registration()
    {
        var driver = new SessionDriver().Open();
        var other = driver.SubscribeAndConfirm(s_notice, "HTSID", KeyA, Iv);
        driver.Receive($"0|H0IFCNI0|001|{Notice}");
        driver.Actions.Delivered.Single().Registration.ShouldBe(other);

        var someone = driver.SubscribeAndConfirm(s_notice, "someone", KeyB, Iv);
        driver.Receive($"0|H0IFCNI0|001|{Notice}");
        driver.Actions.Delivered[^1].Registration.ShouldBe(someone);
        driver.Actions.Delivered.Count.ShouldBe(2);
    }

    [Fact]
    public void A_plain_notice_of_an_unknown_customer_is_malformed_for_all_registrations()
    {
        var driver = new SessionDriver().Open();
        var first = driver.SubscribeAndConfirm(s_notice, "first", KeyA, Iv);
        var second = driver.SubscribeAndConfirm(s_notice, "second", KeyB, Iv);

        driver.Receive($"0|H0IFCNI0|001|{Notice}");

        driver.Actions.Delivered.ShouldBeEmpty();
        driver.Actions.Malformed.Select(m => (m.Registration, m.Error.Kind))
            .ShouldBe([(first, FrameErrorKind.UnknownCustomer), (second, FrameErrorKind.UnknownCustomer)]);
    }

    private static byte[] Encrypted(string plain, string key)
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(Iv))!);
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteHeader(output, true, "H0IFCNI0", 1);
        cipher.Encrypt(Encoding.UTF8.GetBytes(plain), output);
        return output.WrittenSpan.ToArray();
    }
}
