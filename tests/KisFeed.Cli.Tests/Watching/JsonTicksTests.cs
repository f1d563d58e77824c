using KisFeed.Cli.Watching;
using KisFeed.Output;

namespace KisFeed.Cli.Tests.Watching;

public sealed class JsonTicksTests
{
    [Fact]
    public async Task A_record_has_a_timestamp_on_the_day_of_its_receipt()
    {
        var text = await WriteAsync(NameStyle.English, output => Samples.Hand(output, Samples.TargetOf(Samples.Index), Samples.Index));

        text.ShouldStartWith("""{"trId":"H0UPCNT0","key":"0001","receivedAt":"2026-11-20T09:12:41.0000000+09:"""
            + """00","timestamp":"2026-11-20T09:12:40+09:00","code":"0001","time":"091240","price":2624.54,""");
    }

    [Fact]
    public async Task A_record_without_a_time_has_no_timestamp()
    {
        var frame = Samples.Program.Replace("^092237^", "^^");
        var text = await WriteAsync(NameStyle.Kis, output => Samples.Hand(output, Samples.TargetOf(frame), frame));

        text.ShouldStartWith("""{"tr_id":"H0STPGM0","tr_key":"005930","received_at":"2026-11-20T09:12:41.0000000+09:00","timestamp":null"""
            + ""","MKSC_SHRN_ISCD":"005930","STCK_CNTG_HOUR":null,""");
    }

    [Fact]
    public async Task A_gap_is_a_separate_object()
    {
        var target = Samples.TargetOf(Samples.Index);
        var text = await WriteAsync(NameStyle.English, output =>
        {
            output.Write(new TickItem(target, new Gap
            {
                Reason = GapReason.QueueOverflow,
                From = Samples.ReceivedAt,
                To = Samples.ReceivedAt.AddSeconds(2),
                Frames = 12,
                MissedVolume = 3456,
            }));
            output.Write(new TickItem(target, new Gap { Reason = GapReason.QueueOverflow }));
        });

        const string times = """
            "from":"2026-11-20T09:12:41.0000000+09:00","to":"2026-11-20T09:12:43.0000000+09:00"
            """;
        text.ShouldBe(
            $$$"""
            {"gap":{"trId":"H0UPCNT0","key":"0001",{{{times}}},"reason":"queueOverflow","frames":12,"missedVolume":3456}}
            {"gap":{"trId":"H0UPCNT0","key":"0001","from":null,"to":null,"reason":"queueOverflow","frames":null,"missedVolume":null}}

            """);
    }

    [Fact]
    public async Task A_gap_with_the_brokers_names_is_a_separate_object()
    {
        var text = await WriteAsync(NameStyle.Kis, output => output.Write(
            new TickItem(Samples.TargetOf(Samples.Index), new Gap { Reason = GapReason.ConnectionLost, MissedVolume = 0 })));

        text.ShouldBe(
            """
            {"gap":{"tr_id":"H0UPCNT0","tr_key":"0001","from":null,"to":null,"reason":"connectionLost","frames":null,"missed_volume":0}}

            """);
    }

    [Theory]
    [InlineData(
        NameStyle.English,
        """{"interruption":{"trId":"H0UPCNT0","key":"0001","at":"2026-11-20T09:12:41.0000000+09:00","reason":"silence"}}""")]
    [InlineData(
        NameStyle.Kis,
        """{"interruption":{"tr_id":"H0UPCNT0","tr_key":"0001","at":"2026-11-20T09:12:41.0000000+09:00","reason":"silence"}}""")]
    public async Task An_interruption_is_a_separate_object(NameStyle names, string expected)
    {
        var text = await WriteAsync(names, output => output.Write(
            new TickItem(Samples.TargetOf(Samples.Index), new Interruption { At = Samples.ReceivedAt, Reason = GapReason.Silence })));

        text.ShouldBe(expected + "\n");
    }

    [Fact]
    public async Task An_eviction_is_an_interruption_and_its_end_is_not_written()
    {
        var target = Samples.TargetOf(Samples.Index);
        var text = await WriteAsync(NameStyle.English, output =>
        {
            output.Write(new TickItem(target, new Evicted { At = Samples.ReceivedAt }));
            output.Write(new TickItem(target, new Restored { At = Samples.ReceivedAt, Session = "1" }));
        });

        text.ShouldBe(
            """
            {"interruption":{"trId":"H0UPCNT0","key":"0001","at":"2026-11-20T09:12:41.0000000+09:00","reason":"evicted"}}

            """);
    }

    private static async Task<string> WriteAsync(NameStyle names, Action<Output<TickItem>> write)
    {
        await using var stream = new MemoryStream();
        await using (var output = new JsonTicks(stream, names))
        {
            write(output);
            await output.FlushAsync();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
