using KisFeed.Wire;

namespace KisFeed.Cli.Diagnosis;

/// <summary>What is in a frame: how many records, what is wrong with them, and the latest moment that they tell of.</summary>
/// <param name="Records">Records that can be read.</param>
/// <param name="Error">What is wrong with the first that cannot; <see langword="null"/> where all can be read.</param>
/// <param name="Time">The latest time in them; <see langword="null"/> where they have none.</param>
internal sealed record FrameReading(int Records, string? Error, DateTimeOffset? Time)
{
    /// <summary>Reads a frame whose layout is known.</summary>
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
            if (KoreaTime.Of(feed, reader.Current, item.Frame.ReceivedAt) is { } time && !(time <= latest))
                latest = time;
        }

        return new FrameReading(count, wrong, latest);
    }
}
