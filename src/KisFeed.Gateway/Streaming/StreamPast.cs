using System.Net.WebSockets;
using KisFeed.Capture;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// The recorded past of some keys, as a part of a stream: read as fast as the client reads, and then joined to the
/// present so that each record comes once.
/// </summary>
/// <param name="outlet">The stream.</param>
/// <param name="source">The recorded past.</param>
/// <param name="subscriptions">The keys. They are attached to the stream when the past is read.</param>
/// <param name="after">The position behind which the past begins.</param>
/// <param name="afterId">The id of the item that an earlier stream got last; <see langword="null"/> for a new stream.</param>
internal sealed class StreamPast(
    StreamOutlet outlet, HistorySource source, IReadOnlyList<StreamSubscription> subscriptions, HistoryPosition after, string? afterId)
{
    private const string Unreadable = "the recorded past cannot be read now";
    private const string Reconnect = "reconnect with the id of the last item to continue";

    /// <summary>A part that took less time to read was nearly live.</summary>
    private static readonly TimeSpan s_nearlyLive = TimeSpan.FromSeconds(1);

    public IReadOnlyList<StreamSubscription> Subscriptions => subscriptions;

    /// <summary>Writes the past. Afterwards the queue of the stream has what follows, or the stream ends.</summary>
    /// <param name="writer">Writes to the connection.</param>
    /// <param name="join">Attaches the keys to the stream, which has read everything before a time.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task RunAsync(OutletWriter writer, Func<StreamPast, DateTimeOffset, StreamJoin> join, CancellationToken cancellationToken)
    {
        var isComplete = false;
        try
        {
            isComplete = await WriteAsync(writer, join, cancellationToken).ConfigureAwait(false);
        }
        catch (CaptureArchiveException e)
        {
            outlet.End($"{Unreadable}: {e.Message}; {Reconnect}", WebSocketCloseStatus.InternalServerError);
        }
        catch (Exception e)
            when (e is CaptureException or UnauthorizedAccessException || (e is IOException && !cancellationToken.IsCancellationRequested))
        {
            outlet.End($"{Unreadable}; {Reconnect}", WebSocketCloseStatus.InternalServerError);
        }

        // The waiting data comes after the rest of the past. If it was sent now, nothing would show that the rest is missing.
        if (!isComplete)
            outlet.Queue.DiscardData();
    }

    // Returns false if the stream has ended or its client is gone.
    private async Task<bool> WriteAsync(
        OutletWriter writer, Func<StreamPast, DateTimeOffset, StreamJoin> join, CancellationToken cancellationToken)
    {
        var sink = writer.NewPast(subscriptions.Select(s => new HistoryKey(s.Target.Feed, s.Target.Key)), after);
        var reader = new HistoryReader(source, sink, after);
        writer.Write(StreamControlItems.History(after.At, afterId));
        var isRecorded = true;
        for (var isNear = false; !isNear;)
        {
            var begin = source.Time.GetTimestamp();
            var until = await source.FlushAsync(cancellationToken).ConfigureAwait(false);
            isRecorded = until is not null;
            if (!await WriteAsync(
                reader, until?.Complete ?? reader.NextAt, writer, hasOthers: true, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
            isNear = source.Time.GetElapsedTime(begin) < s_nearlyLive || !isRecorded;
        }

        // From here on new items of the keys wait in the queue. Those received before are in the recording, at the latest after the flush.
        var joined = join(this, reader.NextAt);
        isRecorded = isRecorded && await source.FlushAsync(cancellationToken).ConfigureAwait(false) is not null;
        if (isRecorded
            && !await WriteAsync(reader, Behind(joined.LastAt), writer, hasOthers: false, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }
        sink.Interrupted = joined.Interrupted;
        reader.End(isRecorded);
        writer.Write(StreamControlItems.Live(reader.NextAt, reader.Gaps));
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static DateTimeOffset Behind(DateTimeOffset at) => at == DateTimeOffset.MinValue ? at : at.AddTicks(1);

    // Returns false if the stream has ended or its client is gone.
    private async Task<bool> WriteAsync(
        HistoryReader reader, DateTimeOffset until, OutletWriter writer, bool hasOthers, CancellationToken cancellationToken)
    {
        await foreach (var count in reader.ReadAsync(until, cancellationToken).ConfigureAwait(false))
        {
            if (hasOthers)
                await writer.WriteWaitingAsync(cancellationToken).ConfigureAwait(false);
            if (!await writer.FlushAsync(cancellationToken).ConfigureAwait(false) || outlet.HasEnded)
                return false;
            outlet.CountRecorded(count);
        }

        return true;
    }
}
