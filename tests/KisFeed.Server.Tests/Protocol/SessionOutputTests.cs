using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Protocol;

public sealed class SessionOutputTests
{
    private static readonly string[] s_trIds = ["H0UPCNT0", "H0NXPGM0", "H0UNPGM0"];

    [Fact]
    public void Records_of_a_feed_keep_their_order()
    {
        // The feed of each record; -1 is a flush.
        var steps = Gen.Choose(-1, s_trIds.Length - 1).ListOf().Select(list => list.ToArray());
        Prop.ForAll(steps.ToArbitrary(), Verify).QuickCheckThrowOnFailure();

        static void Verify(int[] steps)
        {
            var connection = new FakeConnection();
            var counters = new ServerCounters();
            var output = new SessionOutput(connection, counters);
            var batches = s_trIds.Select(trId => new FrameBatch(trId)).ToArray();
            for (var i = 0; i < steps.Length; i++)
            {
                if (steps[i] < 0)
                    output.Flush();
                else
                    output.Add(batches[steps[i]], Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
            }

            output.Flush();

            var frames = connection.Sent.ConvertAll(frame => frame.Split('|'));
            for (var feed = 0; feed < s_trIds.Length; feed++)
            {
                var numbers = frames.Where(frame => frame[1] == s_trIds[feed]).SelectMany(frame => frame[3].Split('^'))
                    .Select(number => int.Parse(number, CultureInfo.InvariantCulture));
                numbers.ShouldBe(Enumerable.Range(0, steps.Length).Where(i => steps[i] == feed));
            }

            frames.ShouldAllBe(frame => frame[0] == "0"
                && frame[2].Length == 3
                && int.Parse(frame[2], CultureInfo.InvariantCulture) == frame[3].Split('^').Length);
            counters.Frames.Value.ShouldBe(frames.Count);
            counters.Records.Value.ShouldBe(steps.Count(step => step >= 0));
        }
    }

    [Fact]
    public void A_frame_has_at_most_twenty_records()
    {
        var connection = new FakeConnection();
        var output = new SessionOutput(connection, new ServerCounters());
        var batch = new FrameBatch("H0UPCNT0");
        for (var i = 0; i < 41; i++)
            output.Add(batch, "x"u8);
        output.Flush();
        connection.Sent.Select(frame => frame.Split('|')[2]).ShouldBe(["020", "020", "001"]);
    }

    [Fact]
    public void A_frame_has_one_record_if_the_client_gets_single_records()
    {
        LayoutRevision.TryParse("H0UPCNT0=3,single", KisFeeds.Catalog, out var revision, out _).ShouldBeTrue();
        var connection = new FakeConnection { Revision = revision };
        var output = new SessionOutput(connection, new ServerCounters());
        var batch = new FrameBatch("H0UPCNT0");
        foreach (var record in (ReadOnlySpan<string>)["a", "b", "c"])
            output.Add(batch, Encoding.ASCII.GetBytes(record));
        output.Flush();
        connection.Sent.ShouldBe(["0|H0UPCNT0|001|a", "0|H0UPCNT0|001|b", "0|H0UPCNT0|001|c"]);
    }

    [Fact]
    public void A_flush_without_records_sends_nothing()
    {
        var connection = new FakeConnection();
        var output = new SessionOutput(connection, new ServerCounters());
        output.Add(new FrameBatch("H0UPCNT0"), "x"u8);
        output.Flush();
        output.Flush();
        connection.Sent.ShouldBe(["0|H0UPCNT0|001|x"]);
    }
}
