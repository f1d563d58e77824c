using System.Net.WebSockets;
using KisFeed.Capture;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// The recorded past of some keys, as a part of a stream: read as fast as the client reads, and then joined to the present so that each record comes once.
/// </summary>
/// <param name="consumer">The stream.</param>
/// <param name="source">The recorded past.</param>
/// <param name="subscriptions">The keys. They are attached to the stream when the past is read.</param>
/// <param name="after">The place behind which the past begins.</param>
/// <param name="afterId">The id of the item that an earlier stream got last; <see langword="null"/> for a new stream.</param>
internal sealed class StreamPast(StreamConsumer consumer, HistorySource source, IReadOnlyList<StreamSubscription> subscriptions, HistoryPosition after, string? afterId)
{
    /// <summary>A part that took less time to read was nearly live.</summary>
    private static readonly TimeSpan s_nearlyLive = TimeSpan.FromSeconds(1);

    private readonly Dictionary<HubKey, StreamKey> _keys = subscriptions.ToDictionary(
        s => new HubKey(s.Target.Feed.TrId, s.Target.Key), s => new StreamKey(s.Target.Feed, s.Target.Key, new RecordVolumes(s.Target.Feed)));

    /// <summary>The subscriptions of the keys.</summary>
    public IReadOnlyList<StreamSubscription> Subscriptions => subscriptions;

    /// <summary>Writes the past. Afterwards the queue of the stream has what follows, or the stream ends.</summary>
    /// <param name="writer">Writes to the connection.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task RunAsync(IStreamWriter writer, CancellationToken cancellationToken)
    {
        var isComplete = false;
        try
        {
            isComplete = await WriteAsync(writer, cancellationToken).ConfigureAwait(false);
        }
        catch (CaptureArchiveException e)
        {
            consumer.End($"the recorded past cannot be read now: {e.Message}; reconnect with the id of the last item to continue", WebSocketCloseStatus.InternalServerError);
        }
        catch (Exception e) when (e is CaptureException or UnauthorizedAccessException || (e is IOException && !cancellationToken.IsCancellationRequested))
        {
            consumer.End("the recorded past cannot be read now; reconnect with the id of the last item to continue", WebSocketCloseStatus.InternalServerError);
        }

        // The waiting data comes after the rest of the past. If it was sent now, nothing would show that the rest is missing.
        if (!isComplete)
            consumer.Queue.DiscardData();
    }

    // Returns false if the stream has ended or its client is gone.
    private async Task<bool> WriteAsync(IStreamWriter writer, CancellationToken cancellationToken)
    {
        var sink = new StreamPastSink(_keys, after, writer);
        var reader = new HistoryReader(source, sink, after, writer.TakesFrames);
        writer.Write(StreamControlItems.History(after.At, afterId));
        var isRecorded = true;
        for (var isNear = false; !isNear;)
        {
            var begin = source.Time.GetTimestamp();
            var until = await source.FlushAsync(cancellationToken).ConfigureAwait(false);
            isRecorded = until is not null;
            if (!await WriteAsync(reader, until?.Complete ?? reader.NextAt, writer, hasOthers: true, cancellationToken).ConfigureAwait(false))
                return false;
            isNear = source.Time.GetElapsedTime(begin) < s_nearlyLive || !isRecorded;
        }

        // From here on new items of the keys wait in the queue. Those received before are in the recording, at the latest after the flush.
        var join = consumer.Join(this, reader.NextAt);
        isRecorded = isRecorded && await source.FlushAsync(cancellationToken).ConfigureAwait(false) is not null;
        if (isRecorded && !await WriteAsync(reader, Behind(join.LastAt), writer, hasOthers: false, cancellationToken).ConfigureAwait(false))
            return false;
        sink.Interrupted = join.Interrupted;
        reader.End(isRecorded);
        writer.Write(StreamControlItems.Live(reader.NextAt, reader.Gaps));
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static DateTimeOffset Behind(DateTimeOffset at) => at == DateTimeOffset.MinValue ? at : at.AddTicks(1);

    // Returns false if the stream has ended or its client is gone.
    private async Task<bool> WriteAsync(HistoryReader reader, DateTimeOffset until, IStreamWriter writer, bool hasOthers, CancellationToken cancellationToken)
    {
        await foreach (var count in reader.ReadAsync(until, cancellationToken).ConfigureAwait(false))
        {
            if (hasOthers)
                await writer.WriteWaitingAsync(cancellationToken).ConfigureAwait(false);
            if (!await writer.FlushAsync(cancellationToken).ConfigureAwait(false) || consumer.HasEnded)
                return false;
            consumer.CountRecorded(count);
        }

        return true;
    }

    /// <summary>The item of a stream for an item of the past.</summary>
    /// <param name="item">The item.</param>
    /// <param name="keys">The keys of the stream.</param>
    public static StreamItem ItemOf(HistoryItem item, IReadOnlyDictionary<HubKey, StreamKey> keys) => new()
    {
        Kind = item.Event switch { null => StreamItemKind.Record, Gap => StreamItemKind.Gap, _ => StreamItemKind.Malformed },
        IsRecorded = true,
        Position = item.Position,
        Key = item.Key is { } key ? keys[key.HubKey] : null,
        Feed = item.Feed,
        TrId = item.Feed?.TrId,
        ReceivedAt = item.ReceivedAt,
        Frame = item.Frame,
        Shape = item.Shape,
        Event = item.Event,
    };
}

/// <summary>Writes the recorded past of some keys to a connection, with no objects for its records: a hundred streams together read millions of them in a second.</summary>
/// <param name="keys">The keys.</param>
/// <param name="after">The place behind which records are wanted.</param>
/// <param name="writer">Writes to the connection.</param>
internal sealed class StreamPastSink(IReadOnlyDictionary<HubKey, StreamKey> keys, HistoryPosition after, IStreamWriter writer)
    : HistorySink(keys.Values.Select(key => new HistoryKey(key.Feed, key.Key)), after)
{
    private readonly List<(FeedSchema Feed, byte[] Frame)> _parts = []; // Records of the current frame, if it has several.
    private Frame _frame;

    /// <summary>Keys whose gaps are not written any more.</summary>
    public IReadOnlySet<HubKey>? Interrupted { get; set; }

    public override void OnFrame(CaptureFile file, in Frame frame) => _frame = frame;

    /// <summary>Writes what is left of the current frame.</summary>
    public override void EndFrame()
    {
        if (_parts.Count == 0)
            return;
        if (DataFrame.TryParse(_frame.Bytes.Span, out var frame, out _) && frame.Count == _parts.Count)
        {
            writer.WriteFrame(_parts[^1].Feed, _frame);
        }
        else
        {
            foreach (var (feed, part) in _parts)
                writer.WriteFrame(feed, _frame with { Bytes = part });
        }

        _parts.Clear();
    }

    protected override void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt)
    {
        // Most frames have one record and are written at once; others when it is known whether all their records are wanted.
        if (!writer.TakesFrames)
            writer.WriteRecord(key, fields, position, receivedAt);
        else if (_parts.Count == 0 && DataFrame.TryParse(_frame.Bytes.Span, out var frame, out _) && frame.Count == 1)
            writer.WriteFrame(key.Feed, _frame);
        else
            _parts.Add((key.Feed, key.Frames.Of(fields.Text)));
    }

    protected override void AddEvent(HistoryItem item)
    {
        if (Interrupted?.Contains(item.Key!.HubKey) != true)
            writer.Write(StreamPast.ItemOf(item, keys));
    }
}

/// <summary>The moment at which a stream that has read the past gets the present.</summary>
/// <param name="LastAt">When the last frame before it was received.</param>
/// <param name="Interrupted">The keys that are interrupted: their gap is reported when they continue.</param>
/// <param name="Lost">The subscriptions that upstream has ended meanwhile, with the broker's code. The stream does not have them.</param>
internal sealed record StreamJoin(DateTimeOffset LastAt, IReadOnlySet<HubKey> Interrupted, IReadOnlyList<(StreamSubscription Subscription, BrokerCode Code)> Lost);

/// <summary>Writes the items of a stream to its connection. What is written is sent by a flush.</summary>
internal interface IStreamWriter
{
    /// <summary>Whether recorded frames are written as they are.</summary>
    bool TakesFrames { get; }

    /// <summary>Writes a recorded record, if frames are not written as they are.</summary>
    void WriteRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt);

    /// <summary>Writes a recorded frame, if frames are written as they are.</summary>
    void WriteFrame(FeedSchema feed, in Frame frame);

    /// <summary>Writes an item.</summary>
    void Write(StreamItem item);

    /// <summary>Writes what waits in the queue.</summary>
    ValueTask WriteWaitingAsync(CancellationToken cancellationToken);

    /// <summary>Sends what was written, and waits until the client has taken enough. Returns <see langword="false"/> if it is gone.</summary>
    ValueTask<bool> FlushAsync(CancellationToken cancellationToken);
}
