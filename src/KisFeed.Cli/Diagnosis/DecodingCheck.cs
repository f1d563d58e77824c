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
