namespace KisFeed.Tests.Wire;

public sealed class RecordReaderBufferTests
{
    [Fact]
    public void Frames_of_any_width_are_read_with_one_buffer_as_with_separate_ones()
    {
        var buffer = new RecordReaderBuffer();
        foreach (var width in (int[])[3, 200, 1, 111, 112, 300, 2])
        {
            var feed = new FeedSchema
            {
                TrId = "T0WIDE00",
                Alias = "wide",
                RecordName = "Wide",
                Columns = [],
                Layouts = [FeedLayout.Sequential(width)],
            };
            var record = string.Join('^', Enumerable.Range(0, width));
            DataFrame.TryParse(Encoding.UTF8.GetBytes($"0|T0WIDE00|002|{record}^{record}"), out var frame, out _).ShouldBeTrue();
            feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();

            var reader = buffer.Read(frame, shape);
            var expected = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
            while (reader.MoveNext())
            {
                expected.MoveNext().ShouldBeTrue();
                for (var i = 0; i < width; i++)
                    Encoding.UTF8.GetString(reader.Current[i]).ShouldBe(Encoding.UTF8.GetString(expected.Current[i]));
                reader.Current[width - 1].Length.ShouldBe($"{width - 1}".Length);
            }

            expected.MoveNext().ShouldBeFalse();
        }
    }

    [Fact]
    public void A_frame_of_any_width_is_read_in_one_pass_as_in_two()
    {
        // Revisions around the initial capacity of the buffer.
        var feed = new FeedSchema
        {
            TrId = "T0WIDE00",
            Alias = "wide",
            RecordName = "Wide",
            Columns = [],
            Layouts = [.. new[] { 1, 7, 109, 110, 111, 112, 200 }.Select(width => FeedLayout.Sequential(width))],
        };
        foreach (var count in (int[])[1, 2])
        {
            for (var width = 1; width <= 220; width++)
            {
                // A new buffer each time, because a grown buffer does not shrink.
                var buffer = new RecordReaderBuffer();
                foreach (var end in (string[])["", "^", "^^", "한글"])
                {
                    var text = string.Join('^', Enumerable.Range(0, width * count)) + end;
                    DataFrame.TryParse(Encoding.UTF8.GetBytes($"0|T0WIDE00|{count:000}|{text}"), out var frame, out _).ShouldBeTrue();
                    OnePassCheck.Of(feed, frame, buffer);
                }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("^")]
    public void A_frame_without_columns_is_read_in_one_pass_as_in_two(string payload)
    {
        var buffer = new RecordReaderBuffer();
        DataFrame.TryParse(Encoding.UTF8.GetBytes($"0|T0WIDE00|001|{payload}"), out var frame, out _).ShouldBeTrue();

        foreach (var width in (int[])[1, 2, 3])
        {
            OnePassCheck.Of(
                new FeedSchema
                {
                    TrId = "T0WIDE00",
                    Alias = "wide",
                    RecordName = "Wide",
                    Columns = [],
                    Layouts = [FeedLayout.Sequential(width)],
                },
                frame,
                buffer);
        }
    }
}
