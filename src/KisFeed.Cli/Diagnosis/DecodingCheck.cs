using KisFeed.Cli.Hosting;
using KisFeed.Wire;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Whether the first frame is laid out as known, and can be read.</summary>
internal sealed class DecodingCheck : ICheck
{
    public string Name => "decoding";

    public bool IsNeeded => false;

    public Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) => Task.FromResult(Look(context));

    private IReadOnlyList<Finding> Look(DoctorContext context)
    {
        if (context.First is not { } first)
            return [new Finding(Name, FindingStatus.Skipped, "there is no frame")];
        if (first.Event is MalformedFrame malformed)
            return [Unreadable(malformed.Error.ToString())];

        var feed = context.Target!.Feed;
        var reading = FrameReading.Of(feed, first);
        context.Reading = reading;
        if (reading.Error is { } error)
            return [Unreadable(error)];
        var records = reading.Records == 1 ? "1 record" : $"{reading.Records} records";
        return [first.Shape.IsUnknownWidth ? Unknown(feed, first.Shape) : new Finding(Name, FindingStatus.Ok, $"{records} of {first.Shape.Width} columns, all of them readable")];
    }

    private Finding Unknown(FeedSchema feed, in FrameShape shape)
    {
        var names = Enumerable.Range(shape.Layout.Width + 1, shape.Width - shape.Layout.Width).Select(i => $"\"COLUMN_{i}\"");
        return new Finding(Name, FindingStatus.Warning, $"{feed.TrId} came with {shape.Width} columns, {shape.Layout.Width} are known: the broker has appended some. Nothing is lost, they are without names")
        {
            Advice = $"Name them in a layout file and give it with --layouts: {{\"layouts\":[{{\"trId\":\"{feed.TrId}\",\"append\":[{string.Join(',', names)}]}}]}}",
        };
    }

    private Finding Unreadable(string error) => new(Name, FindingStatus.Failed, $"the frame cannot be read: {error}")
    {
        Advice = "The layout has changed in a way that is not known. See docs/layouts.md, and report it to the project with the frame (kisfeed watch --format json shows it), account numbers removed.",
        ExitCode = ExitCode.MalformedData,
    };
}

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
