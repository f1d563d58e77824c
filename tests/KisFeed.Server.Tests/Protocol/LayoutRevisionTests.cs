using System.Buffers;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Server.Tests.Protocol;

public sealed class LayoutRevisionTests
{
    public static TheoryData<string, int, int> OtherLayouts()
    {
        var data = new TheoryData<string, int, int>();
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            foreach (var source in feed.Layouts)
            {
                foreach (var target in feed.Layouts.Where(l => l.Width < source.Width || LacksInnerColumns(source, l)))
                    data.Add(feed.TrId, source.Width, target.Width);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(OtherLayouts))]
    public void Every_record_of_a_frame_keeps_the_value_of_each_column(string trId, int source, int target)
    {
        var random = new Random(TestRun.Seed);
        var feed = FeedOf(trId);
        for (var count = 1; count <= 5; count++)
        {
            // The broker appends columns that nobody knows yet.
            var width = source == feed.Layouts[^1].Width ? source + random.Next(3) : source;
            string[][] records =
            [
                .. Enumerable.Range(0, count).Select(r => Enumerable.Range(0, width).Select(c => $"{r}.{c}.{random.Next(1000)}").ToArray()),
            ];

            var cut = CutFrame(feed, $"{trId}={target}", $"0|{trId}|{count:D3}|{string.Join('^', records.SelectMany(r => r))}");

            DataFrame.TryParse(cut, out var frame, out _).ShouldBeTrue();
            frame.Count.ShouldBe(count);
            feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();
            shape.Width.ShouldBe(target);
            var fields = Encoding.UTF8.GetString(frame.Payload).Split('^').Chunk(target).ToArray();
            var (from, to) = (feed.LayoutOf(source)!, feed.LayoutOf(target)!);
            for (var record = 0; record < count; record++)
            {
                for (var column = 0; column < feed.Columns.Length; column++)
                {
                    if (to.PositionOf(column) is >= 0 and var position)
                    {
                        fields[record][position].ShouldBe(
                            from.PositionOf(column) is >= 0 and var sent ? records[record][sent] : "",
                            $"{trId}, {feed.Columns[column].Element}, seed {TestRun.Seed}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("2025,H0STCNI0=23", "H0STCNI0", 23)]
    [InlineData("H0STCNT0=10,single,2025", "H0STCNT0", 10)]
    [InlineData("H0STCNT0=10,single,2025", "H0STASP0", 59)]
    [InlineData(LayoutRevision.Of2025, "H0STCNT0", 46)]
    [InlineData(LayoutRevision.Of2025, "H0STASP0", 59)]
    [InlineData(LayoutRevision.Of2025, "H0UNANC0", 46)]
    [InlineData(LayoutRevision.Of2025, "H0STOAA0", 54)]
    [InlineData(LayoutRevision.Of2025, "HDFSASP0", 17)]
    [InlineData(LayoutRevision.Of2024, "HDFSASP0", 71)]
    [InlineData(LayoutRevision.Of2025, "H0STCNI0", 26)]
    [InlineData(LayoutRevision.Of2025, "H0GSCNI0", 25)]
    [InlineData(LayoutRevision.Of2024, "H0STCNT0", 46)]
    [InlineData(LayoutRevision.Of2024, "H0STCNI0", 23)]
    [InlineData(LayoutRevision.Of2024, "H0GSCNI0", 21)]
    public void A_named_revision_has_the_widths_that_programs_of_its_year_list(string name, string trId, int width)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var record = string.Join('^', Enumerable.Range(1, feed.Layouts[^1].Width));
        Encoding.UTF8.GetString(CutFrame(feed, name, $"0|{trId}|001|{record}")).Split('^').Length.ShouldBe(width);
    }

    [Fact]
    public void A_width_that_is_not_a_known_layout_keeps_the_first_columns()
    {
        var feed = FeedOf("H0GSCNI0");
        var record = string.Join('^', Enumerable.Range(1, feed.Layouts[^1].Width));
        Encoding.UTF8.GetString(CutFrame(feed, LayoutRevision.Of2024, $"0|H0GSCNI0|001|{record}"))
            .ShouldBe($"0|H0GSCNI0|001|{string.Join('^', Enumerable.Range(1, 21))}");
    }

    [Fact]
    public void A_narrower_record_and_other_feeds_are_unchanged()
    {
        var narrow = $"0|H0STCNT0|001|{string.Join('^', Enumerable.Range(1, 46))}";
        Encoding.UTF8.GetString(CutFrame(FeedOf("H0STCNT0"), "H0STCNT0=47", narrow)).ShouldBe(narrow);
        var other = $"0|H0UPCNT0|001|{string.Join('^', Enumerable.Range(1, FeedOf("H0UPCNT0").Layouts[^1].Width))}";
        Encoding.UTF8.GetString(CutFrame(FeedOf("H0UPCNT0"), "H0STCNT0=46", other)).ShouldBe(other);
    }

    [Theory]
    [InlineData("1999", "'1999' is not a revision; use 2025 or 2024")]
    [InlineData("2025,2024", "'2024' is not a revision")]
    [InlineData("single,double", "'double' is not a revision")]
    [InlineData("2025,", "'' is not a revision")]
    [InlineData("", "'' is not a revision")]
    [InlineData("H0STCNT0=", "'H0STCNT0=' is not a revision")]
    [InlineData("H0STCNT0=0", "'H0STCNT0=0' is not a revision")]
    [InlineData("H0STCNT0=46,", "'' is not a revision")]
    [InlineData("H0XXCNT0=46", "'H0XXCNT0' is not the TR ID of a feed")]
    [InlineData("H0STCNT0=46,h0stcnt0=46", "H0STCNT0 occurs twice")]
    public void A_text_that_is_not_a_revision_gets_a_problem_that_says_what_to_write(string text, string problem)
    {
        LayoutRevision.TryParse(text, KisFeeds.Catalog, out _, out var found).ShouldBeFalse();
        found.ShouldStartWith(problem);
    }

    [Fact]
    public void The_NXT_book_gets_back_the_place_of_the_columns_that_were_removed_from_its_middle()
    {
        var feed = FeedOf("H0NXASP0");
        var cut = CutFrame(feed, LayoutRevision.Of2025, $"0|H0NXASP0|001|{string.Join('^', Enumerable.Range(1, 62))}");
        Encoding.UTF8.GetString(cut).ShouldBe($"0|H0NXASP0|001|{string.Join('^', Enumerable.Range(1, 59))}^^^^60^61^62");
    }

    [Fact]
    public void The_NXT_book_of_a_width_that_no_document_has_has_the_first_columns_of_today()
    {
        var feed = FeedOf("H0NXASP0");
        var record = string.Join('^', Enumerable.Range(1, 62));
        var cut = CutFrame(feed, "H0NXASP0=61", $"0|H0NXASP0|001|{record}");
        Encoding.UTF8.GetString(cut).ShouldBe($"0|H0NXASP0|001|{string.Join('^', Enumerable.Range(1, 61))}");
    }

    // Whether a wider layout has columns between those of the other one.
    private static bool LacksInnerColumns(FeedLayout narrow, FeedLayout wide) =>
        narrow.Width < wide.Width
        && Enumerable.Range(0, wide.ColumnCount)
            .Any(column => wide.PositionOf(column) is >= 0 and var at && at < narrow.Width && narrow.PositionOf(column) < 0);

    private static FeedSchema FeedOf(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        return feed;
    }

    private static byte[] CutFrame(FeedSchema feed, string revision, string text)
    {
        LayoutRevision.TryParse(revision, KisFeeds.Catalog, out var parsed, out var problem).ShouldBeTrue(problem);
        DataFrame.TryParse(Encoding.UTF8.GetBytes(text), out var frame, out _).ShouldBeTrue();
        new RecordReaderBuffer().TryRead(feed, frame, out var reader, out var error).ShouldBeTrue($"{error}");
        var output = new ArrayBufferWriter<byte>();
        parsed.TryWriteFrame(feed, frame, ref reader, output).ShouldBeTrue();
        parsed.TryWriteFrame(feed, frame, ref reader, new ArrayBufferWriter<byte>()).ShouldBeFalse();
        return output.WrittenSpan.ToArray();
    }
}
