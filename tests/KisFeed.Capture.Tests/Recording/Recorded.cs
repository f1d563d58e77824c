namespace KisFeed.Capture.Tests.Recording;

/// <summary>The content of a capture of frames sent by a <see cref="NumberedService"/>.</summary>
internal sealed class Recorded
{
    public List<CaptureItem> Items { get; } = [];

    public IEnumerable<CaptureItem> Frames => Items.Where(item => item.IsFrame);

    public IEnumerable<CaptureEvent> Events => Items.Select(item => item.Event).OfType<CaptureEvent>();

    public IEnumerable<(int Connection, int Number)> Numbers => Frames.Select(item => NumberedService.NumberOf(item.Frame.Bytes.Span));

    public static async Task<Recorded> ReadAsync(params string[] paths)
    {
        var recorded = new Recorded();
        await foreach (var item in CaptureReader.Open(paths).ReadItemsAsync())
            recorded.Items.Add(item);
        return recorded;
    }

    /// <summary>Every frame was sent, none is repeated, in order; times strictly increase; nothing is damaged.</summary>
    public void ShouldBeWhatWasSent()
    {
        Items.Where(item => item.Problem is not null).Select(item => item.Problem!.Message).ShouldBeEmpty();
        var last = (Connection: -1, Number: -1);
        var at = DateTimeOffset.MinValue;
        foreach (var item in Frames)
        {
            var number = NumberedService.NumberOf(item.Frame.Bytes.Span);
            Encoding.UTF8.GetString(item.Frame.Bytes.Span).ShouldBe(NumberedService.Frame(number.Connection, number.Number));
            number.ShouldBeGreaterThan(last);
            item.At.ShouldBeGreaterThan(at);
            (last, at) = (number, item.At);
        }
    }

    /// <summary>
    /// For each key, the recorded frames and the frames reported missing by gaps are all frames received, each gap in its place.
    /// </summary>
    public void ShouldAddUp(int connection, int received)
    {
        foreach (var (trId, key) in NumberedService.Keys)
        {
            var next = 0;
            foreach (var item in Items)
            {
                if (item.Event is { Kind: CaptureEventKind.Gap } gap && gap.Key == key && gap.TrId == trId)
                    next = Skip(next, gap.Frames ?? 0);
                if (!item.IsFrame)
                    continue;
                var number = NumberedService.NumberOf(item.Frame.Bytes.Span).Number;
                if (!NumberedService.IsOf(connection, number, key))
                    continue;
                Skip(next, 0).ShouldBe(number, $"{trId} {key}");
                next = number + 1;
            }

            Skip(next, 0).ShouldBeGreaterThanOrEqualTo(received, $"{trId} {key}");

            // The number of the key's first frame after the given number of missing ones.
            int Skip(int from, long missing)
            {
                var number = from;
                while (missing > 0 || !NumberedService.IsOf(connection, number, key))
                {
                    if (NumberedService.IsOf(connection, number, key))
                        missing--;
                    number++;
                }

                return number;
            }
        }
    }
}
