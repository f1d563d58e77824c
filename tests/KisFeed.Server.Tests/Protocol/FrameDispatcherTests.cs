using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Tests.Protocol;

/// <summary>Whole frames to sessions that want all of them, a part, or none.</summary>
public sealed class FrameDispatcherTests
{
    private const string Index = "H0UPCNT0";
    private const string Notice = "H0IFCNI0";

    private readonly ServerCounters _counters = new();
    private readonly FrameDispatcher _distributor = new(KisFeeds.Catalog);

    [Fact]
    public void A_session_that_has_every_key_gets_the_very_bytes_once()
    {
        var session = NewSession((Index, "0001"), (Index, "1001"), (Index, "2001"));
        var frame = $"0|{Index}|00002|{Record("0001", "a")}^{Record("1001", "b")}";

        Deliver(Index, frame).ShouldBe([session.Output]);

        session.Sent.ShouldBe([frame]);
        _counters.Frames.ShouldBe(1);
        _counters.Records.ShouldBe(2);
    }

    [Fact]
    public void A_session_that_has_some_of_the_keys_gets_their_records_in_their_order()
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
    public void The_count_of_a_part_has_the_digits_of_the_whole(string whole, string part)
    {
        var session = NewSession((Index, "0001"));
        Deliver(Index, $"0|{Index}|{whole}|{Record("0001", "a")}^{Record("1001", "b")}");
        session.Sent.ShouldBe([$"0|{Index}|{part}|{Record("0001", "a")}"]);
    }

    [Fact]
    public void A_separator_at_the_end_stays_with_the_whole_and_is_no_part_of_a_part()
    {
        var all = NewSession((Index, "0001"), (Index, "1001"));
        var last = NewSession((Index, "1001"));
        var frame = $"0|{Index}|002|{Record("0001", "a")}^{Record("1001", "b")}^";

        Deliver(Index, frame);

        all.Sent.ShouldBe([frame]);
        last.Sent.ShouldBe([$"0|{Index}|001|{Record("1001", "b")}"]);
    }

    [Fact]
    public void A_part_of_a_wider_frame_is_as_wide()
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
    public void What_cannot_be_taken_apart_goes_to_every_session_of_the_feed_once(string frame)
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
    public void Bytes_that_are_no_text_stay_as_they_are()
    {
        var session = NewSession((Index, "0001"));
        byte[] frame = [.. Encoding.UTF8.GetBytes($"0|{Index}|001|{Record("0001", "a")}"), 0xFF];

        _ = _distributor.Deliver(Index, frame);

        session.LastSent.ShouldBe(frame);
    }

    [Fact]
    public void A_key_with_blanks_around_it_is_that_key_and_a_long_one_is_none()
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
    public void A_notice_comes_encrypted_with_the_registrations_key_and_reads_as_it_was(string count)
    {
        var anna = NewSession((Notice, "anna"));
        var boris = NewSession((Notice, "boris"));
        var frame = $"0|{Notice}|{count}|ANNA^1^2^삼성전자";

        Deliver(Notice, frame, "anna").ShouldBe([anna.Output]);

        anna.Sent.ShouldHaveSingleItem().ShouldStartWith($"1|{Notice}|{count}|");
        anna.Decrypted(0).ShouldBe(frame);
        boris.Sent.ShouldBeEmpty();
        _distributor.Has(Notice, "boris").ShouldBeTrue();
        _distributor.Has(Notice, "carla").ShouldBeFalse();
    }

    [Fact]
    public void A_notice_that_is_everybodys_is_encrypted_for_each_registration()
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
    public void A_notice_that_is_encrypted_still_stays_as_it_is()
    {
        var session = NewSession((Notice, "anna"), (Notice, "boris"));
        Deliver(Notice, $"1|{Notice}|001|AAAA", "anna");
        session.Sent.ShouldBe([$"1|{Notice}|001|AAAA"]);
    }

    [Fact]
    public void A_registration_that_has_been_taken_back_gets_nothing_more()
    {
        var session = NewSession((Index, "0001"), (Index, "1001"));
        _distributor.Count.ShouldBe(2);

        _distributor.Remove(session.Registrations[0]).ShouldBeTrue();
        _distributor.Remove(session.Registrations[0]).ShouldBeFalse();
        Deliver(Index, $"0|{Index}|002|{Record("0001", "a")}^{Record("1001", "b")}");

        _distributor.Count.ShouldBe(1);
        session.Sent.ShouldBe([$"0|{Index}|001|{Record("1001", "b")}"]);
        _distributor.Remove(session.Registrations[1]).ShouldBeTrue();
        Deliver(Index, "garbage").ShouldBeEmpty();
        session.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public void Frames_that_are_gathered_go_out_together_to_each_its_own_in_their_order()
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
            _distributor.Gather(Index, Encoding.UTF8.GetBytes(frame));
        all.Sent.ShouldBeEmpty();
        _distributor.Send().ToArray().ShouldBe([all.Output, one.Output, none.Output]);

        all.Sent.ShouldBe(frames);
        one.Sent.ShouldBe([frames[1], $"0|{Index}|001|{Record("1001", "d")}", "garbage", frames[4]]);
        none.Sent.ShouldBe(["garbage"]);
        _counters.Frames.ShouldBe(10);
        _counters.Records.ShouldBe(8);
        _distributor.Gathered.ShouldBe(0);
        _distributor.Send();
        all.Sent.Count.ShouldBe(frames.Length);
    }

    [Fact]
    public void A_notice_comes_behind_what_was_gathered_before_it()
    {
        var session = NewSession((Index, "0001"), (Notice, "anna"));
        var other = NewSession((Index, "0001"));
        var (first, last) = ($"0|{Index}|001|{Record("0001", "a")}", $"0|{Index}|001|{Record("0001", "b")}");

        _distributor.Gather(Index, Encoding.UTF8.GetBytes(first));
        _distributor.Gather(Notice, Encoding.UTF8.GetBytes($"0|{Notice}|001|ANNA^1^2^삼성전자"), "anna");
        _distributor.Gather(Index, Encoding.UTF8.GetBytes(last));
        _distributor.Send().ToArray().ShouldBe([session.Output, other.Output]);

        session.Sent.Count.ShouldBe(3);
        session.Sent[0].ShouldBe(first);
        session.Sent[1].ShouldStartWith($"1|{Notice}|001|");
        session.Sent[2].ShouldBe(last);
        other.Sent.ShouldBe([first, last]);
    }

    // As wide as the widest layout of the feed. The last column tells the records apart.
    private static string Record(string key, string last) =>
        key + string.Concat(Enumerable.Repeat("^", SchemaOf(Index).Layouts[^1].Width - 1)) + last;

    private static FeedSchema SchemaOf(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var schema).ShouldBeTrue();
        return schema;
    }

    private SessionOutput[] Deliver(string trId, string frame, string? noticeKey = null) =>
        _distributor.Deliver(trId, Encoding.UTF8.GetBytes(frame), noticeKey).ToArray();

    private Session NewSession(params (string TrId, string TrKey)[] registrations)
    {
        var session = new Session(_counters);
        foreach (var (trId, trKey) in registrations)
            _distributor.Add(session.Register(SchemaOf(trId), trKey));
        return session;
    }

    private sealed class Session
    {
        private readonly FakeConnection _connection = new();
        private readonly ConnectionRegistrations _table;
        private readonly List<NoticeCipher> _ciphers = [];

        public Session(ServerCounters counters)
        {
            Output = new SessionOutput(_connection, counters);
            _table = new ConnectionRegistrations(Output, 41, counters);
        }

        public SessionOutput Output { get; }

        public List<Registration> Registrations { get; } = [];

        public List<string> Sent => _connection.Sent;

        public byte[] LastSent => _connection.LastSent;

        public Registration Register(FeedSchema feed, string trKey)
        {
            var key = RandomNumberGenerator.GetBytes(NoticeKey.KeyLength);
            var iv = RandomNumberGenerator.GetBytes(NoticeKey.IvLength);
            if (feed.IsNotice)
                _ciphers.Add(new NoticeCipher(NoticeKey.TryCreate(key, iv)!));
            var registration = _table.Add(feed, trKey, key, iv);
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
