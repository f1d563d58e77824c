using KisFeed.Wire;

namespace KisFeed.Cli.Records;

/// <summary>Warns of records that are wider than known, once for each feed and width.</summary>
internal sealed class UnknownWidths(TextWriter warnings)
{
    private readonly HashSet<(string TrId, int Width)> _reported = [];

    public void Report(FeedSchema feed, in FrameShape shape)
    {
        if (!_reported.Add((feed.TrId, shape.Width)))
            return;
        warnings.WriteLine(
            $"kisfeed: warning: {feed.TrId} came with {shape.Width} columns, {shape.Layout.Width} are known; the others are under \"extra\", --layouts can name them");
    }
}
