using KisFeed.Simulator.Market;
using KisFeed.Tests.Feeds;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>Every feed of order notices is routed and decoded alike, encrypted or not.</summary>
public sealed class NoticeRoutingTests
{
    private const string Anna = "Anna";
    private const string Boris = "boris";
    private const string AnnasKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string BorissKey = "ponmlkjihgfedcbaponmlkjihgfedcba";
    private const string Iv = "0123456789abcdef";

    public static TheoryData<string> Notices => [.. KisFeeds.Catalog.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId)];

    [Theory]
    [MemberData(nameof(Notices))]
    public void An_encrypted_notice_is_decoded_for_the_registration_whose_key_decrypts_it(string trId)
    {
        var (feed, driver) = Open(trId);
        driver.SubscribeAndConfirm(feed, Anna, AnnasKey, Iv);
        var boris = driver.SubscribeAndConfirm(feed, Boris, BorissKey, Iv);
        var notice = NoticeOf(trId, Boris);

        driver.Receive(Encrypted(trId, notice, BorissKey));

        var (registration, frame) = driver.Actions.Delivered.ShouldHaveSingleItem();
        registration.ShouldBe(boris);
        frame.ShouldBe($"0|{trId}|001|{notice}");
        RecordTypes.Of(feed).Encode(frame).ShouldBe(frame);
        driver.Actions.Malformed.ShouldBeEmpty();
        driver.Actions.Log.ShouldNotContain(line => line.StartsWith("width", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_plain_notice_is_decoded_for_its_customer(string trId)
    {
        var (feed, driver) = Open(trId);
        var anna = driver.SubscribeAndConfirm(feed, Anna, AnnasKey, Iv);
        driver.SubscribeAndConfirm(feed, Boris, BorissKey, Iv);
        var notice = $"0|{trId}|001|{NoticeOf(trId, Anna)}";

        driver.Receive(notice);

        driver.Actions.Delivered.ShouldBe([(anna, notice)]);
        RecordTypes.Of(feed).Encode(notice).ShouldBe(notice);
        driver.Actions.Malformed.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_of_an_unknown_owner_is_delivered_to_nobody(string trId)
    {
        var (feed, driver) = Open(trId);
        driver.SubscribeAndConfirm(feed, Anna, AnnasKey, Iv);
        driver.SubscribeAndConfirm(feed, Boris, AnnasKey.ToUpperInvariant(), Iv);
        var notice = NoticeOf(trId, "carla");

        driver.Receive(Encrypted(trId, notice, BorissKey));
        driver.Receive($"0|{trId}|001|{notice}");

        driver.Actions.Delivered.ShouldBeEmpty();
        driver.Actions.Malformed.Select(m => m.Error.Kind).ShouldBe(
            [FrameErrorKind.WrongNoticeKey, FrameErrorKind.WrongNoticeKey, FrameErrorKind.UnknownCustomer, FrameErrorKind.UnknownCustomer]);
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public void The_text_of_a_record_has_neither_customer_nor_account(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var fields = NoticeOf(trId, Anna).Split('^');
        var columns = feed.Layouts[^1].WireColumns(feed.Columns).Select(column => column.Name).ToArray();
        foreach (var name in (string[])["AccountNumber", "AccountName"])
        {
            if (Array.IndexOf(columns, name) is >= 0 and var position)
                fields[position] = "7700990099";
        }

        var text = RecordTypes.Of(feed).Describe($"0|{trId}|001|{string.Join('^', fields)}");

        text.ShouldStartWith(feed.RecordName);
        text.ShouldContain(fields[Array.IndexOf(columns, "OrderNumber")]);
        text.ShouldNotContain(Anna);
        text.ShouldNotContain("7700990099");
    }

    private static (FeedSchema Feed, SessionDriver Driver) Open(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        return (feed, new SessionDriver().Open());
    }

    private static string NoticeOf(string trId, string customer)
    {
        var market = new KoreanMarket(MarketOptions.Default);
        var sink = new RecordSink();
        market.Open(trId, customer);
        market.TryStep(sink).ShouldBeTrue();
        return sink.Record.ShouldNotBeNull();
    }

    private static byte[] Encrypted(string trId, string plain, string key)
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(Iv))!);
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteHeader(output, encrypted: true, trId, 1);
        cipher.Encrypt(Encoding.UTF8.GetBytes(plain), output);
        return output.WrittenSpan.ToArray();
    }

    private sealed class RecordSink : IMarketSink
    {
        public string? Record { get; private set; }

        public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => Record = Encoding.UTF8.GetString(record);
    }
}
