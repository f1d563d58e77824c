using System.Text;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// Decodes the queued frames of one subscription into records and events. Used by one consumer, on the consumer's thread.
/// </summary>
internal sealed class RecordDecoder<TRecord>(FeedSchema feed, string key, FrameQueue queue)
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly StringPool _texts = new();
    private readonly MissedVolumeCalculator _volume = new(feed, key);
    private readonly RecordReaderBuffer _scratch = new();

    /// <summary>Delivers the next item of the queue to the sink: the gap before it, then its event or its records.</summary>
    /// <returns>Whether there was an item.</returns>
    public bool TryDecodeNext<TSink>(TSink sink)
        where TSink : IRecordSink<TRecord>
    {
        if (!queue.TryRead(out var gap))
            return false;
        ref readonly var item = ref queue.Current;
        if (gap is not null)
            sink.OnEvent(_volume.Measure(gap, queue).AddressedTo(feed, key));
        if (item.Event is { } @event)
            sink.OnEvent(@event.AddressedTo(feed, key));
        else
            Decode(item, sink);
        return true;
    }

    private void Decode<TSink>(in QueuedFrame item, TSink sink)
        where TSink : IRecordSink<TRecord>
    {
        _ = DataFrame.TryParse(item.Text, out var frame, out _);
        var reader = _scratch.Read(frame, item.Shape);
        byte[]? raw = null;
        while (reader.MoveNext())
        {
            var fields = reader.Current;

            // A frame may contain records of several keys. An order notice belongs to this subscription because its key decrypted it.
            if (!feed.IsOfKey(fields, _key))
                continue;
            if (TRecord.TryDecode(fields, _texts, item.ReceivedAt, out var record, out var error))
            {
                sink.OnRecord(in record);
            }
            else
            {
                queue.CountUndecodable();
                raw ??= item.Text.ToArray();
                sink.OnEvent(new MalformedFrame { Feed = feed, Key = key, Error = error, Raw = raw, ReceivedAt = item.ReceivedAt });
            }
        }
    }
}

/// <summary>Receives what a <see cref="RecordDecoder{TRecord}"/> decodes.</summary>
internal interface IRecordSink<TRecord>
    where TRecord : struct
{
    void OnRecord(in TRecord record);

    void OnEvent(FeedEvent @event);
}

/// <summary>Adds the missed volume to the gaps of a subscription. Reads frames only when a gap is measured.</summary>
internal sealed class MissedVolumeCalculator(FeedSchema feed, string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly RecordVolumes _volumes = new(feed);

    /// <summary>Adds the missed volume to the gap before the current item of the queue, if it can be determined.</summary>
    public Gap Measure(Gap gap, FrameQueue queue) =>
        _volumes.HasTotal && queue.HasLast && queue.Current.Event is null
            ? gap with { MissedVolume = RecordVolumes.Missed(VolumeIn(queue.Last, isLast: true), VolumeIn(queue.Current, isLast: false)) }
            : gap;

    private VolumeReading VolumeIn(in QueuedFrame item, bool isLast) => _volumes.Read(item.Text, item.Shape, item.ReceivedAt, _key, isLast);
}
