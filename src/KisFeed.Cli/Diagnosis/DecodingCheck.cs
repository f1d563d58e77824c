namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the first frame has a known layout and can be read.</summary>
internal sealed class DecodingCheck() : Check("decoding", isRequired: false)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) =>
        Task.FromResult(Check(context));

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
        return
        [
            first.Shape.IsUnknownWidth ? Unknown(feed, first.Shape) : Ok($"{records} of {first.Shape.Width} columns, all of them readable"),
        ];
    }

    private Finding Unknown(FeedSchema feed, in FrameShape shape)
    {
        var names = Enumerable.Range(shape.Layout.Width + 1, shape.Width - shape.Layout.Width).Select(i => $"\"COLUMN_{i}\"");
        return Warning(
            $"{feed.TrId} has {shape.Width} columns, of which {shape.Layout.Width} are known: the broker has appended some. "
                + "No data is lost, but these have no names",
            "Name them in a layout file and use it with --layouts: "
                + $"{{\"layouts\":[{{\"trId\":\"{feed.TrId}\",\"append\":[{string.Join(',', names)}]}}]}}");
    }

    private Finding Unreadable(string error) => Failed(
        $"the frame cannot be read: {error}",
        "The layout has changed in an unknown way. See docs/layouts.md, and report it to the project with the frame (shown by kisfeed "
            + "watch --format json), without account numbers.",
        ExitCode.MalformedData);
}
