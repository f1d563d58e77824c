using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>The volume missed in a gap, calculated from the cumulative columns around it.</summary>
public sealed class MissedVolumeTests
{
    // 09:12:40 in Korea.
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    public static TheoryData<GapReason> Reasons => [.. Enum.GetValues<GapReason>()];

    [Theory]
    [InlineData("100", "150", "10", 40L)]
    [InlineData("100", "110", "10", 0L)]
    [InlineData(" 0000100", "+150 ", "010", 40L)]
    [InlineData("0", "0", "0", 0L)]
    [InlineData("9223372036854775800", "9223372036854775807", "3", 4L)]
    [InlineData("-9223372036854775808", "9223372036854775807", "3", null)]
    public void It_is_the_growth_of_the_total_minus_the_volume_of_the_record_after_the_gap(
        string before, string after, string own, long? missed)
    {
        Between<IndexTrade>(IndexTrade.Feed, "0001", IndexFrame(Index("0001", before, "1")), IndexFrame(Index("0001", after, own)))
            .ShouldBe(missed);
        Between<BondTrade>(BondTrade.Feed, "KR103502GA34", BondFrame(before, "1"), BondFrame(after, own)).ShouldBe(missed);
    }

    [Theory]
    [InlineData("100", "50", "130", "60", 40L)]
    [InlineData("100", "50", "100", "50", 0L)]
    [InlineData("100", "50", "90", "70", 10L)]
    [InlineData("100", "50", "90", "50", null)]
    [InlineData("100", "", "130", "60", null)]
    [InlineData("100", "50", "130", "x", null)]
    public void For_program_trading_it_is_the_growth_of_both_totals(
        string sold, string bought, string soldAfter, string boughtAfter, long? missed) =>
        Between<ProgramTrade>(ProgramTrade.Nxt, "005930", ProgramFrame(sold, bought), ProgramFrame(soldAfter, boughtAfter))
            .ShouldBe(missed);

    [Theory]
    [InlineData("100", "99", "1")]
    [InlineData("100", "5", "5")]
    [InlineData("", "150", "10")]
    [InlineData("100", "", "10")]
    [InlineData("100", "150", "")]
    [InlineData("x", "150", "10")]
    [InlineData("100", "1.5", "1")]
    [InlineData("100", "150", "x")]
    [InlineData("100", "99999999999999999999", "10")]
    public void It_is_unknown_if_a_total_decreased_or_cannot_be_read(string before, string after, string own) =>
        Between<IndexTrade>(IndexTrade.Feed, "0001", IndexFrame(Index("0001", before, "1")), IndexFrame(Index("0001", after, own)))
            .ShouldBeNull();

    [Fact]
    public void It_is_zero_if_the_record_before_the_gap_is_repeated() =>
        Between<IndexTrade>(IndexTrade.Feed, "0001", IndexFrame(Index("0001", "100", "10")), IndexFrame(Index("0001", "100", "10")))
            .ShouldBe(0);

    [Fact]
    public void It_is_unknown_if_the_total_grew_by_less_than_the_volume_of_the_record() =>
        Between<IndexTrade>(IndexTrade.Feed, "0001", IndexFrame(Index("0001", "100", "10")), IndexFrame(Index("0001", "105", "10")))
            .ShouldBeNull();

    [Fact]
    public void It_is_calculated_from_the_last_record_of_the_key_before_and_the_first_after() =>
        Between<IndexTrade>(
            IndexTrade.Feed,
            "0001",
            IndexFrame(Index("0001", "100", "10"), Index(" 0001", "120", "20"), Index("1001", "7", "7")),
            IndexFrame(Index("1001", "5000", "5"), Index("0001", "150", "10"), Index("0001", "170", "20"))).ShouldBe(20);

    [Theory]
    [InlineData(14, 59, 15, 0, false)]
    [InlineData(0, 0, 14, 59, true)]
    public void It_is_unknown_across_midnight_in_Korea(int hour, int minute, int hourAfter, int minuteAfter, bool isKnown)
    {
        var day = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
        var missed = Between<IndexTrade>(
            IndexTrade.Feed,
            "0001",
            IndexFrame(Index("0001", "100", "10")),
            IndexFrame(Index("0001", "150", "10")),
            day.AddHours(hour).AddMinutes(minute),
            day.AddHours(hourAfter).AddMinutes(minuteAfter));
        missed.ShouldBe(isKnown ? 40 : null);
    }

    [Fact]
    public void Order_notices_have_no_missed_volume() =>
        Between<OrderNotice>(OrderNotice.Feed, "abcd1234", Feeds.Samples.Of("H0IFCNI0"), Feeds.Samples.Of("H0IFCNI0")).ShouldBeNull();

    [Theory]
    [MemberData(nameof(Reasons))]
    public void It_is_reported_for_every_reason(GapReason reason)
    {
        var stream = new Stream<IndexTrade>(IndexTrade.Feed, "0001", capacity: 1);
        stream.Write(IndexFrame(Index("0001", "100", "10")), s_at);
        stream.Read();
        stream.Write(IndexFrame(Index("0001", "105", "5")), s_at.AddSeconds(1));
        if (reason != GapReason.QueueOverflow)
            stream.Queue.Interrupt(reason, s_at.AddSeconds(2));
        stream.Write(IndexFrame(Index("0001", "150", "10")), s_at.AddSeconds(3));
        stream.Read();
        stream.Gaps.ShouldBe([new Gap
        {
            Feed = IndexTrade.Feed.Schema,
            Key = "0001",
            Reason = reason,
            Frames = 1,
            From = s_at,
            To = s_at.AddSeconds(3),
            MissedVolume = 40,
        }]);
    }

    [Fact]
    public void It_requires_a_record_on_both_sides()
    {
        var stream = new Stream<IndexTrade>(IndexTrade.Feed, "0001");
        stream.Queue.Interrupt(GapReason.ConnectionLost, s_at);
        stream.Write(IndexFrame(Index("0001", "100", "10")), s_at);
        stream.Queue.Interrupt(GapReason.ConnectionLost, s_at);
        stream.Queue.Complete(null);
        stream.Read();
        stream.Gaps.ShouldHaveSingleItem().MissedVolume.ShouldBeNull();
        stream.Queue.ReadFinalGap().ShouldNotBeNull().MissedVolume.ShouldBeNull();
    }

    [Fact]
    public void A_malformed_frame_after_a_gap_leaves_it_unknown_and_one_before_does_not()
    {
        var stream = new Stream<IndexTrade>(IndexTrade.Feed, "0001");
        var malformed = new MalformedFrame { Error = default, Raw = default, ReceivedAt = s_at };
        stream.Write(IndexFrame(Index("0001", "100", "10")), s_at);
        stream.Queue.Interrupt(GapReason.ConnectionLost, s_at);
        stream.Queue.Write(malformed);
        stream.Queue.Interrupt(GapReason.ConnectionLost, s_at);
        stream.Write(IndexFrame(Index("0001", "150", "10")), s_at);
        stream.Read();
        stream.Gaps.Select(g => g.MissedVolume).ShouldBe([null, 40]);
    }

    // Whatever is dropped, lost or read late, the delivered and the missed volume add up to the total.
    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public void Delivered_and_missed_volume_equal_the_growth_of_the_total(OverflowPolicy policy)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var stream = new Stream<IndexTrade>(IndexTrade.Feed, "0001", random.Next(1, 8), policy);
            var totals =
                new Dictionary<string, long>(StringComparer.Ordinal) { ["0001"] = random.Next(1_000), ["1001"] = random.Next(1_000) };
            for (var step = 0; step < 200; step++)
            {
                switch (random.Next(10))
                {
                    case < 5:
                        stream.Write(
                            IndexFrame(
                                [
                                    Trade("0001"),
                                    .. Enumerable.Range(0, random.Next(4)).Select(_ => Trade(random.Next(2) == 0 ? "0001" : "1001")),
                                ]),
                            s_at);
                        break;
                    case 5:
                        stream.Queue.Interrupt(GapReason.ConnectionLost, s_at);
                        for (var lost = random.Next(3); lost > 0; lost--)
                            Trade("0001");
                        break;
                    default:
                        stream.ReadOne();
                        break;
                }
            }

            stream.Queue.Complete(null);
            stream.Read();
            var records = stream.Records;
            records.Count.ShouldBeGreaterThan(1, $"seed {seed}");
            var sum = records.Skip(1).Sum(r => r.Volume!.Value) + stream.Gaps.Sum(g => g.MissedVolume ?? 0);
            sum.ShouldBe(records[^1].AccumulatedVolume!.Value - records[0].AccumulatedVolume!.Value, $"seed {seed}");
            stream.Gaps.ShouldAllBe(g => g.MissedVolume != null || g.From == null, $"seed {seed}");

            string Trade(string key)
            {
                var own = random.Next(100);
                return Index(key, $"{totals[key] += own}", $"{own}");
            }
        }
    }

    private static long? Between<TRecord>(
        Feed<TRecord> feed, string key, string before, string after, DateTimeOffset? at = null, DateTimeOffset? atAfter = null)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        var stream = new Stream<TRecord>(feed, key);
        stream.Write(before, at ?? s_at);
        stream.Queue.Interrupt(GapReason.ConnectionLost, s_at);
        stream.Write(after, atAfter ?? s_at);
        stream.Read();
        return stream.Gaps.ShouldHaveSingleItem().MissedVolume;
    }

    private static string Index(string key, string total, string own) =>
        $"{key}^091240^2624.54^2^32.68^{total}^1650684^{own}^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1."
        + "27^0.70^0^670^72^177^0^0^0^19";

    private static string IndexFrame(params string[] records) => $"0|H0UPCNT0|{records.Length:D3}|{string.Join('^', records)}";

    private static string BondFrame(string total, string own) =>
        $"0|H0BJCNT0|001|KR103502GA34^Bond^131743^2^5.00^0.05^10575.00^{own}^10570.00^10575.00^10570.00^0.00^3.012^3."
        + $"015^3.012^3.015^{total}^5000^1";

    private static string ProgramFrame(string sold, string bought) => $"0|H0NXPGM0|001|005930^092237^{sold}^2^{bought}^4^2^2^5^6^1";

    /// <summary>A queue with the decoder that reads it.</summary>
    private sealed class Stream<TRecord> : IRecordSink<TRecord>
        where TRecord : struct, IFeedRecord<TRecord>
    {
        private readonly FeedSchema _feed;
        private readonly RecordDecoder<TRecord> _decoder;

        public Stream(Feed<TRecord> feed, string key, int capacity = 10, OverflowPolicy policy = OverflowPolicy.DropOldest)
        {
            _feed = feed.Schema;
            Queue = new FrameQueue(capacity, 1 << 20, policy);
            _decoder = new RecordDecoder<TRecord>(_feed, key, Queue);
        }

        public FrameQueue Queue { get; }

        public List<TRecord> Records { get; } = [];

        public List<Gap> Gaps { get; } = [];

        public void Write(string text, DateTimeOffset receivedAt)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            DataFrame.TryParse(bytes, out var frame, out _).ShouldBeTrue();
            _feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();
            Queue.Write(bytes, shape, receivedAt);
        }

        public bool ReadOne() => _decoder.TryDecodeNext(this);

        public void Read()
        {
            while (ReadOne())
            {
            }
        }

        public void OnRecord(in TRecord record) => Records.Add(record);

        public void OnEvent(FeedEvent @event)
        {
            if (@event is Gap gap)
                Gaps.Add(gap);
        }
    }
}
