namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the first frame has a known layout and can be read.</summary>
internal sealed class DecodingCheck() : Check("decoding", isRequired: false)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) => Task.FromResult(Check(context));

    private IReadOnlyList<Finding> Check(DoctorContext context)
    {
        if (context.First is not { } first)
            return [Skipped("there is no frame")];
        if (first.Event is MalformedFrame malformed)
            return [Unreadable(malformed.Error.ToString())];

        var feed = context.Target!.Feed;
        var reading = FrameReading.Of(feed, first);
        context.Reading = reading;
        if (reading.Error is { } error)
            return [Unreadable(error)];
        var records = reading.Records == 1 ? "1 record" : $"{reading.Records} records";
        return [first.Shape.IsUnknownWidth ? Unknown(feed, first.Shape) : Ok($"{records} of {first.Shape.Width} columns, all of them readable")];
    }

    private Finding Unknown(FeedSchema feed, in FrameShape shape)
    {
        var names = Enumerable.Range(shape.Layout.Width + 1, shape.Width - shape.Layout.Width).Select(i => $"\"COLUMN_{i}\"");
        return Warning(
            $"{feed.TrId} has {shape.Width} columns, of which {shape.Layout.Width} are known: the broker has appended some. No data is lost, but these have no names",
            $"Name them in a layout file and use it with --layouts: {{\"layouts\":[{{\"trId\":\"{feed.TrId}\",\"append\":[{string.Join(',', names)}]}}]}}");
    }

    private Finding Unreadable(string error) => Failed(
        $"the frame cannot be read: {error}",
        "The layout has changed in an unknown way. See docs/layouts.md, and report it to the project with the frame (shown by kisfeed watch --format json), without account numbers.",
        ExitCode.MalformedData);
}

/// <summary>The content of a frame: the number of records, the first error, and the latest time.</summary>
/// <param name="Records">The number of readable records.</param>
/// <param name="Error">The error of the first unreadable record; <see langword="null"/> if all are readable.</param>
/// <param name="Time">The latest time in the records; <see langword="null"/> if they have none.</param>
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
            if (ExchangeTime.Of(feed, reader.Current, item.Frame.ReceivedAt) is { } time && !(time <= latest))
                latest = time;
        }

        return new FrameReading(count, wrong, latest);
    }
}
