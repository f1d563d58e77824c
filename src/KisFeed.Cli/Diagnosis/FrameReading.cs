namespace KisFeed.Cli.Diagnosis;

/// <summary>The content of a frame: the number of records, the first error, and the latest time.</summary>
/// <param name="Records">The number of readable records.</param>
/// <param name="Error">The error of the first unreadable record; <see langword="null"/> if all are readable.</param>
/// <param name="Time">The latest time in the records; <see langword="null"/> if they have none.</param>
internal sealed record FrameReading(int Records, string? Error, DateTimeOffset? Time)
{
    public static FrameReading Of(FeedSchema feed, in FrameItem item)
    {
        if (!DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out var error))
            return new FrameReading(0, error.ToString(), null);
        var count = 0;
        string? wrong = null;
        DateTimeOffset? latest = null;
        var reader = new RecordReader(frame, item.Shape, stackalloc int[RecordReader.ScratchLength(item.Shape)]);
        while (reader.MoveNext())
        {
            if (!RecordJson.TryCheck(feed, reader.Current, out error))
            {
                wrong ??= error.ToString();
                continue;
            }

            count++;
            if (ExchangeTime.Of(feed, reader.Current, item.Frame.ReceivedAt) is { } time && !(time <= latest))
                latest = time;
        }

        return new FrameReading(count, wrong, latest);
    }
}
