using System.Text;
using System.Threading.Channels;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Records;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>
/// Subscribes to targets and hands what comes to an output, one item at a time in the order of arrival. Lost connections are the client's to
/// mend; people are told of them.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="targets">What to subscribe to.</param>
/// <param name="records">Takes frames apart.</param>
/// <param name="output">Where records and events go.</param>
/// <param name="reporter">Says in words what becomes of the sessions.</param>
/// <param name="area">Where people are told of sessions and of targets that are lost.</param>
internal sealed class WatchSession(
    KisFeedClient client,
    IReadOnlyList<WatchTarget> targets,
    FrameRecords records,
    ITickOutput output,
    SessionStatusReporter reporter,
    StatusArea area)
{
    private const int Capacity = 1024;
    private const int MostBetweenFlushes = 256;

    private readonly Channel<WatchedItem> _arrivals = Channel.CreateBounded<WatchedItem>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private int _left = targets.Count;

    /// <summary>Records handed on.</summary>
    public long Count { get; private set; }

    /// <summary>Runs until there are as many records as wanted, or it is cancelled: both are ordinary ends.</summary>
    /// <exception cref="CommandException">A registration did not come about, or none is left.</exception>
    /// <exception cref="KisFeedException">The connection was lost for good; what came before has been handed on.</exception>
    public async Task RunAsync(long wanted, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAllAsync(ending.Token);
        var telling = TellAsync(ending.Token);
        try
        {
            await HandOnAsync(wanted, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The ordinary end of watching.
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
            await telling;
            await output.FlushAsync();
        }
    }

    private async Task HandOnAsync(long wanted, CancellationToken cancellationToken)
    {
        var sinceFlush = 0;
        while (await _arrivals.Reader.WaitToReadAsync(cancellationToken))
        {
            while (Count < wanted && _arrivals.Reader.TryRead(out var arrival))
            {
                HandOn(arrival, wanted);
                if (++sinceFlush < MostBetweenFlushes)
                    continue;
                await output.FlushAsync();
                sinceFlush = 0;
            }

            if (Count >= wanted)
                return;
            await output.FlushAsync();
            sinceFlush = 0;
        }
    }

    private void HandOn(in WatchedItem arrival, long wanted)
    {
        var (target, item) = arrival;
        switch (item.Event)
        {
            case Gap gap:
                output.Gap(target, gap);
                return;
            case Interruption interruption:
                output.Interruption(target, interruption);
                return;
            case MalformedFrame malformed:
                output.Malformed(target, malformed.ReceivedAt, malformed.Error, malformed.Raw.Span);
                return;
        }

        if (!DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out var error))
        {
            output.Malformed(target, item.Frame.ReceivedAt, error, item.Frame.Bytes.Span);
            return;
        }

        var sink = new TargetRecords(target, item.Frame, output, wanted - Count);
        records.Read(frame, ref sink);
        Count += sink.Count;
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var status in client.WatchSessionsAsync(cancellationToken))
            {
                if (reporter.Take(status) is { } message)
                    area.Show(message);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of watching.
        }
    }

    // Each is read as soon as it is acknowledged, while the others are still being asked for.
    private async Task ReadAllAsync(CancellationToken cancellationToken)
    {
        using var refused = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readers = new List<Task<Exception?>>();
        Exception? failure = null;
        foreach (var target in targets)
        {
            try
            {
                var subscription = await client.SubscribeAsync(target.Feed, target.Key, cancellationToken);
                readers.Add(ReadAsync(target, subscription, refused.Token));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (ConnectionLostException e) when (client.Completion.IsCompleted)
            {
                // Ends the others by itself, once they have been read to their end.
                failure = e;
                break;
            }
            catch (KisFeedException e)
            {
                failure = new CommandException($"{target}: {e.Message}", ExitCode.Of(e));
                await refused.CancelAsync();
                break;
            }
        }

        foreach (var end in await Task.WhenAll(readers))
            failure ??= end;
        _arrivals.Writer.TryComplete(failure);
    }

    // Returns why the subscription ended, where that is a reason to end them all.
    private async Task<Exception?> ReadAsync(WatchTarget target, FrameSubscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in subscription.ReadAllAsync(cancellationToken))
                await _arrivals.Writer.WriteAsync(new WatchedItem(target, item), cancellationToken);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (KisFeedException e)
        {
            return Ended(target, e);
        }
    }

    // A registration that stood once may be refused when it is to be restored; the others stay.
    private Exception? Ended(WatchTarget target, KisFeedException reason)
    {
        var left = Interlocked.Decrement(ref _left);
        if (reason is ConnectionLostException && client.Completion.IsCompleted)
            return reason;
        if (left == 0)
            return new CommandException($"{target}: {reason.Message}; nothing is left to watch", ExitCode.Of(reason));
        area.Show(new StatusMessage($"{target} is watched no more: {reason.Message}"));
        return null;
    }
}

/// <summary>Passes on those records of a frame that are the target's, and no more than are still wanted.</summary>
internal ref struct TargetRecords(WatchTarget target, Frame frame, ITickOutput output, long wanted) : IFrameRecordSink
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(target.Key);
    private bool _hasError;

    /// <summary>Records passed on.</summary>
    public long Count { get; private set; }

    // A frame may hold records of several keys. An order notice is the target's because its key decrypted it.
    public readonly bool Accepts(FeedSchema feed, scoped RecordFields fields) =>
        Count < wanted && (feed.IsNotice || FieldText.Trim(fields[feed.KeyColumn]).SequenceEqual(_key));

    public void Record(FeedSchema feed, scoped RecordFields fields)
    {
        Count++;
        output.Record(target, frame.ReceivedAt, fields);
    }

    // The whole frame goes with the first error only: a frame of nothing but errors would otherwise grow with its square.
    public void Malformed(FrameError error, scoped ReadOnlySpan<byte> record)
    {
        output.Malformed(target, frame.ReceivedAt, error, _hasError ? record : frame.Bytes.Span);
        _hasError = true;
    }
}

/// <summary>An item of one of the subscriptions that are watched.</summary>
internal readonly record struct WatchedItem(WatchTarget Target, FrameItem Item);
