using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Tests.Protocol;

/// <summary>Frames delivered to sessions that need all, some or none of their records.</summary>
public sealed class FrameDispatcherTests
{
    private const string Index = "H0UPCNT0";
    private const string Notice = "H0IFCNI0";

    private readonly ServerCounters _counters = new();
    private readonly FrameDispatcher _dispatcher = new(KisFeeds.Catalog);

    [Fact]
    public void A_session_with_every_key_receives_the_frame_unchanged_once()
    {
        var session = NewSession((Index, "0001"), (Index, "1001"), (Index, "2001"));
        var frame = $"0|{Index}|00002|{Record("0001", "a")}^{Record("1001", "b")}";

        Deliver(Index, frame).ShouldBe([session.Output]);

        session.Sent.ShouldBe([frame]);
        _counters.Frames.Value.ShouldBe(1);
        _counters.Records.Value.ShouldBe(2);
    }

    [Fact]
    public void A_session_with_some_keys_receives_their_records_in_order()
    {
        var some = NewSession((Index, "2001"), (Index, "0001"));
        var one = NewSession((Index, "1001"));
        var none = NewSession((Index, "9999"), ("H0NXPGM0", "0001"));

        Deliver(Index, $"0|{Index}|004|{Record("0001", "a")}^{Record("1001", "b")}^{Record("0001", "c")}^{Record("2001", "d")}");

        some.Sent.ShouldBe([$"0|{Index}|003|{Record("0001", "a")}^{Record("0001", "c")}^{Record("2001", "d")}"]);
        one.Sent.ShouldBe([$"0|{Index}|001|{Record("1001", "b")}"]);
        none.Sent.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("2", "1")]
    [InlineData("02", "01")]
    [InlineData("000002", "000001")]
    public void The_record_count_of_a_partial_frame_has_as_many_digits(string whole, string part)
    {
        var session = NewSession((Index, "0001"));
        Deliver(Index, $"0|{Index}|{whole}|{Record("0001", "a")}^{Record("1001", "b")}");
        session.Sent.ShouldBe([$"0|{Index}|{part}|{Record("0001", "a")}"]);
    }

    [Fact]
    public void A_trailing_separator_stays_in_the_complete_frame_only()
    {
        var all = NewSession((Index, "0001"), (Index, "1001"));
        var last = NewSession((Index, "1001"));
        var frame = $"0|{Index}|002|{Record("0001", "a")}^{Record("1001", "b")}^";

        Deliver(Index, frame);

        all.Sent.ShouldBe([frame]);
        last.Sent.ShouldBe([$"0|{Index}|001|{Record("1001", "b")}"]);
    }

    [Fact]
    public void A_partial_frame_keeps_appended_columns()
    {
        var session = NewSession((Index, "1001"));
        Deliver(Index, $"0|{Index}|002|{Record("0001", "a")}^new^{Record("1001", "b")}^new");
        session.Sent.ShouldBe([$"0|{Index}|001|{Record("1001", "b")}^new"]);
    }

    [Theory]
    [InlineData("0|H0UPCNT0|001|0001^too^narrow")]
    [InlineData("0|H0UPCNT0|002|0001^un^even")]
    [InlineData("0|H0UPCNT0|many|0001")]
    [InlineData("0|H0UPCNT0")]
    [InlineData("0|H0NOSUCH|001|0001")]
    [InlineData("0|H0NXPGM0|001|0001")]
    [InlineData("1|H0UPCNT0|001|AAAA")]
    [InlineData("{\"hello\":1}")]
    [InlineData("garbage")]
    public void A_frame_that_cannot_be_split_is_delivered_once_to_every_session_of_its_feed(string frame)
    {
        var two = NewSession((Index, "0001"), (Index, "1001"));
        var other = NewSession((Index, "2001"));
        var foreign = NewSession(("H0NXPGM0", "0001"));

        Deliver(Index, frame).Length.ShouldBe(2);

        two.Sent.ShouldBe([frame]);
        other.Sent.ShouldBe([frame]);
        foreign.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void Invalid_UTF8_is_delivered_unchanged()
    {
        var session = NewSession((Index, "0001"));
        byte[] frame = [.. Encoding.UTF8.GetBytes($"0|{Index}|001|{Record("0001", "a")}"), 0xFF];

        _ = _dispatcher.Deliver(Index, frame);

        session.LastSent.ShouldBe(frame);
    }

    [Fact]
    public void Blanks_around_a_key_are_ignored_and_an_overlong_key_never_matches()
    {
        var session = NewSession((Index, "0001"), (Index, new string('가', 100)));
        var frame = $"0|{Index}|001|{Record(" 0001 ", "a")}";

        Deliver(Index, frame);
        Deliver(Index, $"0|{Index}|001|{Record(new string('x', 1000), "b")}");
        Deliver(Index, $"0|{Index}|001|{Record(new string('가', 100), "c")}");

        session.Sent.Count.ShouldBe(2);
        session.Sent[0].ShouldBe(frame);
    }

    [Theory]
    [InlineData("001")]
    [InlineData("1")]
    [InlineData("00001")]
    public void A_notice_is_encrypted_with_the_key_of_its_registration(string count)
    {
        var anna = NewSession((Notice, "anna"));
        var boris = NewSession((Notice, "boris"));
        var frame = $"0|{Notice}|{count}|ANNA^1^2^삼성전자";

        Deliver(Notice, frame, "anna").ShouldBe([anna.Output]);

        anna.Sent.ShouldHaveSingleItem().ShouldStartWith($"1|{Notice}|{count}|");
        anna.Decrypted(0).ShouldBe(frame);
        boris.Sent.ShouldBeEmpty();
        _dispatcher.Has(Notice, "boris").ShouldBeTrue();
        _dispatcher.Has(Notice, "carla").ShouldBeFalse();
    }

    [Fact]
    public void A_notice_without_an_owner_is_encrypted_for_each_registration()
    {
        var two = NewSession((Notice, "anna"), (Notice, "boris"));
        var frame = $"0|{Notice}|001|X^1";

        Deliver(Notice, frame).ShouldBe([two.Output]);

        two.Sent.Count.ShouldBe(2);
        two.Decrypted(0, cipher: 0).ShouldBe(frame);
        two.Decrypted(1, cipher: 1).ShouldBe(frame);
        two.Sent.Distinct(StringComparer.Ordinal).Count().ShouldBe(2);
    }

    [Fact]
    public void An_encrypted_notice_is_delivered_unchanged()
    {
        var session = NewSession((Notice, "anna"), (Notice, "boris"));
        Deliver(Notice, $"1|{Notice}|001|AAAA", "anna");
        session.Sent.ShouldBe([$"1|{Notice}|001|AAAA"]);
    }

    [Fact]
    public void A_removed_registration_receives_nothing()
    {
        var session = NewSession((Index, "0001"), (Index, "1001"));
        _dispatcher.Count.ShouldBe(2);

        _dispatcher.Remove(session.Registrations[0]).ShouldBeTrue();
        _dispatcher.Remove(session.Registrations[0]).ShouldBeFalse();
        Deliver(Index, $"0|{Index}|002|{Record("0001", "a")}^{Record("1001", "b")}");

        _dispatcher.Count.ShouldBe(1);
        session.Sent.ShouldBe([$"0|{Index}|001|{Record("1001", "b")}"]);
        _dispatcher.Remove(session.Registrations[1]).ShouldBeTrue();
        Deliver(Index, "garbage").ShouldBeEmpty();
        session.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public void Collected_frames_are_sent_together_with_each_session_receiving_its_own_in_order()
    {
        var all = NewSession((Index, "0001"), (Index, "1001"));
        var one = NewSession((Index, "1001"));
        var none = NewSession((Index, "9999"));
        string[] frames =
        [
            $"0|{Index}|001|{Record("0001", "a")}",
            $"0|{Index}|001|{Record("1001", "b")}",
            $"0|{Index}|002|{Record("0001", "c")}^{Record("1001", "d")}",
            "garbage",
            $"0|{Index}|001|{Record("1001", "e")}",
        ];

        foreach (var frame in frames)
            _dispatcher.Buffer(Index, Encoding.UTF8.GetBytes(frame));
        all.Sent.ShouldBeEmpty();
        _dispatcher.Flush().ToArray().ShouldBe([all.Output, one.Output, none.Output]);

        all.Sent.ShouldBe(frames);
        one.Sent.ShouldBe([frames[1], $"0|{Index}|001|{Record("1001", "d")}", "garbage", frames[4]]);
        none.Sent.ShouldBe(["garbage"]);
        _counters.Frames.Value.ShouldBe(10);
        _counters.Records.Value.ShouldBe(8);
        _dispatcher.BufferedBytes.ShouldBe(0);
        _dispatcher.Flush();
        all.Sent.Count.ShouldBe(frames.Length);
    }

    [Fact]
    public void A_notice_is_sent_after_frames_collected_before_it()
    {
        var session = NewSession((Index, "0001"), (Notice, "anna"));
        var other = NewSession((Index, "0001"));
        var (first, last) = ($"0|{Index}|001|{Record("0001", "a")}", $"0|{Index}|001|{Record("0001", "b")}");

        _dispatcher.Buffer(Index, Encoding.UTF8.GetBytes(first));
        _dispatcher.Buffer(Notice, Encoding.UTF8.GetBytes($"0|{Notice}|001|ANNA^1^2^삼성전자"), "anna");
        _dispatcher.Buffer(Index, Encoding.UTF8.GetBytes(last));
        _dispatcher.Flush().ToArray().ShouldBe([session.Output, other.Output]);

        session.Sent.Count.ShouldBe(3);
        session.Sent[0].ShouldBe(first);
        session.Sent[1].ShouldStartWith($"1|{Notice}|001|");
        session.Sent[2].ShouldBe(last);
        other.Sent.ShouldBe([first, last]);
    }

    // As wide as the widest layout of the feed. The last column identifies the record.
    private static string Record(string key, string last) =>
        key + string.Concat(Enumerable.Repeat("^", SchemaOf(Index).Layouts[^1].Width - 1)) + last;

    private static FeedSchema SchemaOf(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var schema).ShouldBeTrue();
        return schema;
    }

    private SessionOutput[] Deliver(string trId, string frame, string? noticeKey = null) =>
        _dispatcher.Deliver(trId, Encoding.UTF8.GetBytes(frame), noticeKey).ToArray();

    [Fact]
    public void Sessions_of_a_revision_receive_their_records_with_its_columns_and_the_others_unchanged()
    {
        LayoutRevision.TryParse($"{Index}=3", KisFeeds.Catalog, out var narrow, out _).ShouldBeTrue();
        LayoutRevision.TryParse($"{Index}=4", KisFeeds.Catalog, out var wider, out _).ShouldBeTrue();
        var plain = NewSession((Index, "0001"));
        var first = NewSession(narrow, (Index, "0001"), (Index, "1001"));
        var same = NewSession(narrow, (Index, "1001"));
        var other = NewSession(wider, (Index, "0001"));
        var frame = $"0|{Index}|002|{Record("0001", "a")}^{Record("1001", "b")}";

        Deliver(Index, frame).ShouldBe([first.Output, same.Output, other.Output, plain.Output], ignoreOrder: true);

        plain.Sent.ShouldBe([$"0|{Index}|001|{Record("0001", "a")}"]);
        first.Sent.ShouldBe([$"0|{Index}|002|0001^^^1001^^"]);
        same.Sent.ShouldBe([$"0|{Index}|001|1001^^"]);
        other.Sent.ShouldBe([$"0|{Index}|001|0001^^^"]);
        _dispatcher.Has(Index, "1001").ShouldBeTrue();
        _dispatcher.All.Count().ShouldBe(_dispatcher.Count);
        foreach (var registration in first.Registrations.Concat(same.Registrations))
            _dispatcher.Remove(registration).ShouldBeTrue();
        _dispatcher.Remove(same.Registrations[0]).ShouldBeFalse();
        _dispatcher.Has(Index, "1001").ShouldBeFalse();
        _dispatcher.Count.ShouldBe(2);
        Deliver(Index, frame).ShouldBe([other.Output, plain.Output], ignoreOrder: true);
    }

    [Fact]
    public void A_notice_of_a_revision_is_cut_before_it_is_encrypted()
    {
        LayoutRevision.TryParse($"{Notice}=3", KisFeeds.Catalog, out var revision, out _).ShouldBeTrue();
        var session = NewSession(revision, (Notice, "anna"));
        var width = SchemaOf(Notice).Layouts[^1].Width;

        Deliver(Notice, $"0|{Notice}|001|{string.Join('^', Enumerable.Range(1, width))}", "anna");

        session.Decrypted(0).ShouldBe($"0|{Notice}|001|1^2^3");
    }

    public static TheoryData<string> Feeds() => [.. KisFeeds.Catalog.Feeds.Select(feed => feed.TrId)];

    [Theory]
    [MemberData(nameof(Feeds))]
    public void Single_frames_hold_one_record_each_and_all_of_the_frame_in_order(string trId)
    {
        var random = new Random(TestRun.Seed);
        LayoutRevision.TryParse(LayoutRevision.Single, KisFeeds.Catalog, out var revision, out _).ShouldBeTrue();
        var feed = SchemaOf(trId);
        var single = NewSession(revision, (trId, "key"));
        var plain = NewSession((trId, "key"));
        foreach (var width in feed.Layouts.ToArray().Select(layout => layout.Width).Append(feed.Layouts[^1].Width + 2))
        {
            var count = random.Next(1, 25);
            var digits = random.Next(count.ToString(CultureInfo.InvariantCulture).Length, 7);
            var records = Enumerable.Range(0, count)
                .Select(r => string.Join(
                    '^', Enumerable.Range(0, width).Select(c => c == feed.KeyColumn ? "key" : $"{random.Next(100)}.{r}.{c}")))
                .ToArray();
            var payload = string.Join('^', records);
            single.Sent.Clear();
            plain.Sent.Clear();
            var (frames, counted) = (_counters.Frames.Value, _counters.Records.Value);

            Deliver(trId, $"0|{trId}|{count.ToString($"D{digits}", CultureInfo.InvariantCulture)}|{payload}", feed.IsNotice ? "key" : null);

            var sent = single.Sent.Select((frame, i) => (feed.IsNotice ? single.Decrypted(i) : frame).Split('|', 4)).ToArray();
            sent.Select(frame => frame[3]).ShouldBe(records, $"{trId}, seed {TestRun.Seed}");
            string.Join('^', sent.Select(frame => frame[3])).ShouldBe(payload);
            sent.ShouldAllBe(
                frame => frame[0] == "0" && frame[1] == trId && frame[2] == 1.ToString($"D{digits}", CultureInfo.InvariantCulture));
            plain.Sent.ShouldHaveSingleItem();
            (_counters.Frames.Value - frames).ShouldBe(count + 1);
            (_counters.Records.Value - counted).ShouldBe(count * 2);
        }
    }

    [Fact]
    public void A_single_frame_has_the_columns_of_its_revision_and_only_registered_keys()
    {
        LayoutRevision.TryParse($"{Index}=3,single", KisFeeds.Catalog, out var revision, out _).ShouldBeTrue();
        var session = NewSession(revision, (Index, "0001"), (Index, "2001"));

        Deliver(Index, $"0|{Index}|003|{Record("0001", "a")}^{Record("1001", "b")}^{Record("2001", "c")}");
        Deliver(Index, "0|H0UPCNT0|002|0001^un^even");

        session.Sent.ShouldBe([$"0|{Index}|001|0001^^", $"0|{Index}|001|2001^^", "0|H0UPCNT0|002|0001^un^even"]);
    }

    private Session NewSession(LayoutRevision? revision, params (string TrId, string TrKey)[] registrations)
    {
        var session = new Session(_counters, revision);
        foreach (var (trId, trKey) in registrations)
            _dispatcher.Add(session.Register(SchemaOf(trId), trKey));
        return session;
    }

    private Session NewSession(params (string TrId, string TrKey)[] registrations) => NewSession(null, registrations);

    private sealed class Session
    {
        private readonly FakeConnection _connection = new();
        private readonly ConnectionRegistrations _table;
        private readonly List<NoticeCipher> _ciphers = [];

        public Session(ServerCounters counters, LayoutRevision? revision = null)
        {
            _connection.Revision = revision;
            Output = new SessionOutput(_connection, counters);
            _table = new ConnectionRegistrations(Output, 41, counters);
        }

        public SessionOutput Output { get; }

        public List<ClientRegistration> Registrations { get; } = [];

        public List<string> Sent => _connection.Sent;

        public byte[] LastSent => _connection.LastSent;

        public ClientRegistration Register(FeedSchema feed, string trKey)
        {
            var key = RandomNumberGenerator.GetBytes(NoticeKey.KeyLength);
            var iv = RandomNumberGenerator.GetBytes(NoticeKey.IvLength);
            if (feed.IsNotice)
                _ciphers.Add(new NoticeCipher(NoticeKey.TryCreate(key, iv)!));
            using var noticeKey = NoticeKey.TryCreate(key, iv)!;
            var registration = _table.Add(feed, trKey, noticeKey);
            Registrations.Add(registration);
            return registration;
        }

        public string Decrypted(int frame, int cipher = 0)
        {
            var output = new ArrayBufferWriter<byte>();
            DataFrame.TryParse(Encoding.UTF8.GetBytes(Sent[frame]), out var parsed, out _).ShouldBeTrue();
            _ciphers[cipher].TryDecrypt(parsed, output, out var error).ShouldBeTrue($"{error}");
            return Encoding.UTF8.GetString(output.WrittenSpan);
        }
    }
}
