namespace KisFeed;

/// <summary>Takes what a <see cref="RecordDecoder{TRecord}"/> makes of a frame.</summary>
internal interface IRecordSink<TRecord>
    where TRecord : struct
{
    void OnRecord(in TRecord record);

    void OnEvent(FeedEvent @event);
}
