using System.Text;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Finds out how much volume passed between two frames of a subscription, by the columns of its records that accumulate. Works on what the
/// frames say, only when it is asked.
/// </summary>
internal sealed class MissedVolumeCalculator(FeedSchema feed, string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly RecordVolumes _volumes = new(feed);

    /// <summary>The gap, with the volume that passed in it where that can be told.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="before">The last frame before it; none of its fields are set where there was none.</param>
    /// <param name="after">The first item behind it.</param>
    public Gap Measure(Gap gap, in QueuedFrame before, in QueuedFrame after)
    {
        if (!_volumes.HasTotal || before.Buffer is null || after.Event is not null || DayOf(before) != DayOf(after))
            return gap;
        var (total, _) = VolumesIn(before, isLastWanted: true);
        var (newTotal, own) = VolumesIn(after, isLastWanted: false);
        return gap with { MissedVolume = RecordVolumes.Missed(newTotal - total, own) };
    }

    // The counts begin anew each day, and need not have gone back by the time of the first record.
    private static DateTime DayOf(in QueuedFrame frame) => KoreaTime.From(frame.ReceivedAt).Date;

    private (decimal? Total, decimal? Own) VolumesIn(in QueuedFrame queued, bool isLastWanted)
    {
        (decimal?, decimal?) volumes = (null, null);
        if (!DataFrame.TryParse(queued.Text, out var frame, out _))
            return volumes;
        var reader = new RecordReader(frame, queued.Shape, stackalloc int[RecordReader.ScratchLength(queued.Shape)]);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!FieldText.Trim(fields[feed.KeyColumn]).SequenceEqual(_key))
                continue;
            volumes = (_volumes.Total(fields), _volumes.Own(fields));
            if (!isLastWanted)
                break;
        }

        return volumes;
    }
}
