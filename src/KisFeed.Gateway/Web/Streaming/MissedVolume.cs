using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>Finds out how much volume passed between two records of a key, as <see cref="Gap.MissedVolume"/> has it.</summary>
internal static class MissedVolume
{
    /// <summary>The volume; <see langword="null"/> where it cannot be told.</summary>
    public static long? Between(FeedChannels feed, StreamItem? before, StreamItem? after)
    {
        if (!feed.Volumes.HasTotal || before is null || after is null || DayOf(before) != DayOf(after))
            return null;
        var (total, _) = VolumesOf(feed, before);
        var (newTotal, own) = VolumesOf(feed, after);
        return RecordVolumes.Missed(newTotal - total, own);
    }

    // The counts begin anew each day, and need not have gone back by the time of the first record.
    private static DateTime DayOf(StreamItem item) => KoreaTime.From(item.ReceivedAt).Date;

    private static (decimal? Total, decimal? Own) VolumesOf(FeedChannels feed, StreamItem item)
    {
        if (!DataFrame.TryParse(item.Frame, out var frame, out _))
            return (null, null);
        var reader = new RecordReader(frame, item.Shape, stackalloc int[RecordReader.ScratchLength(item.Shape)]);
        return reader.MoveNext() ? (feed.Volumes.Total(reader.Current), feed.Volumes.Own(reader.Current)) : (null, null);
    }
}
