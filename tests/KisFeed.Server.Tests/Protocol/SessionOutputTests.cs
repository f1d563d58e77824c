using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Protocol;

public sealed class SessionOutputTests
{
    private static readonly string[] s_trIds = ["H0UPCNT0", "H0NXPGM0", "H0UNPGM0"];

    [Fact]
    public void Records_of_a_feed_keep_their_order_whatever_comes_between()
    {
        // Which feed each record belongs to; -1 is a flush.
        var steps = Gen.Choose(-1, s_trIds.Length - 1).ListOf().Select(list => list.ToArray());
        Prop.ForAll(steps.ToArbitrary(), Holds).QuickCheckThrowOnFailure();

        static void Holds(int[] steps)
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
                var told = frames.Where(frame => frame[1] == s_trIds[feed]).SelectMany(frame => frame[3].Split('^')).Select(number => int.Parse(number, CultureInfo.InvariantCulture));
                told.ShouldBe(Enumerable.Range(0, steps.Length).Where(i => steps[i] == feed));
            }

            frames.ShouldAllBe(frame => frame[0] == "0" && frame[2].Length == 3 && int.Parse(frame[2], CultureInfo.InvariantCulture) == frame[3].Split('^').Length);
            counters.Frames.ShouldBe(frames.Count);
            counters.Records.ShouldBe(steps.Count(step => step >= 0));
        }
    }

    [Fact]
    public void No_frame_has_more_than_twenty_records()
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
