using System.Threading.Channels;
using KisFeed.Cli.Decoding;

namespace KisFeed.Cli.Watching;

/// <summary>
/// Subscribes to targets and passes items to an output, one at a time in the order of arrival. The client restores lost
/// connections; this class reports them.
/// </summary>
internal sealed class WatchSession(CommandHost host, KisFeedClient client, IReadOnlyList<WatchTarget> targets, Output<TickItem> output)
{
    private const int Capacity = 1024;
    private const int MaxItemsBetweenFlushes = 256;

    private readonly Channel<WatchedItem> _arrivals = Channel.CreateBounded<WatchedItem>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly FrameRecords _records = new(client.Catalog, new RecordWarnings(host.Error));
    private readonly StatusArea _area = new(host, output);
    private int _left = targets.Count;

    /// <summary>Where the subscriptions begin in recorded data; <see langword="null"/> for new data only.</summary>
    public HistoryStart? From { get; init; }

    public long Count { get; private set; }

    /// <summary>Runs until it has read enough records or is cancelled: both are normal ends.</summary>
    public async Task RunAsync(long wanted, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAllAsync(ending.Token);
        var reporting = SessionStatusReporter.RunAsync(host, client, _area.Show, ending.Token);
        try
        {
            await DispatchAsync(wanted, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
            await reporting;
            await output.FlushAsync(CancellationToken.None);
        }
    }

    private async Task DispatchAsync(long wanted, CancellationToken cancellationToken)
    {
        var sinceFlush = 0;
        while (await _arrivals.Reader.WaitToReadAsync(cancellationToken))
        {
            while (Count < wanted && _arrivals.Reader.TryRead(out var arrival))
            {
                Dispatch(arrival, wanted);
                if (++sinceFlush < MaxItemsBetweenFlushes)
                    continue;
                await output.FlushAsync(CancellationToken.None);
                sinceFlush = 0;
            }

            if (Count >= wanted)
                return;
            await output.FlushAsync(CancellationToken.None);
            sinceFlush = 0;
        }
    }

    private void Dispatch(in WatchedItem arrival, long wanted)
    {
        var (target, item) = arrival;
        if (item.Event is { } happened)
        {
            output.Write(new TickItem(target, happened));
            if (happened is Interruption && From is not null)
            {
                _area.Show(new StatusMessage(UiText.Of(
                    $"{target}: the connection to the gateway was lost; the stream continues where it was",
                    $"{target}: 게이트웨이와 연결이 끊겼습니다. 멈춘 곳부터 이어서 받습니다")));
            }
            return;
        }

        if (!DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out var error))
        {
            output.Write(
                new TickItem(target, new MalformedFrame { ReceivedAt = item.Frame.ReceivedAt, Error = error, Raw = item.Frame.Bytes }));
            return;
        }

        var sink = new TargetRecords(target, item.Frame, output, wanted - Count);
        _records.Read(frame, ref sink);
        Count += sink.Count;
    }

    // Each subscription is read as soon as it is acknowledged, while others are still being requested.
    private async Task ReadAllAsync(CancellationToken cancellationToken)
    {
        using var refused = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readers = new List<Task<Exception?>>();
        Exception? failure = null;
        foreach (var target in targets)
        {
            try
            {
                var subscription = await client.SubscribeAsync(target.Feed, target.Key, new() { From = From }, cancellationToken);
                readers.Add(ReadAsync(target, subscription, refused.Token));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (ConnectionLostException e) when (client.Completion.IsCompleted)
            {
                // The other subscriptions end by themselves once they are read to their end.
                failure = e;
                break;
            }
            catch (KisFeedException e)
            {
                failure = new CommandException($"{target}: {FailureText.Of(e)}", ExitCode.Of(e));
                await refused.CancelAsync();
                break;
            }
        }

        foreach (var end in await Task.WhenAll(readers))
            failure ??= end;
        _arrivals.Writer.TryComplete(failure);
    }

    // Returns why the subscription ended, if that is a reason to end them all.
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

    // The server may refuse to restore a registration; the others stay.
    private Exception? Ended(WatchTarget target, KisFeedException reason)
    {
        var left = Interlocked.Decrement(ref _left);
        if (reason is ConnectionLostException && client.Completion.IsCompleted)
            return reason;
        if (left == 0)
        {
            return new CommandException(UiText.Of(
                $"{target}: {FailureText.Of(reason)}; no target is left to watch",
                $"{target}: {FailureText.Of(reason)}. 받을 것이 남아 있지 않습니다"), ExitCode.Of(reason));
        }
        _area.Show(new StatusMessage(UiText.Of(
            $"{target} is no longer watched: {FailureText.Of(reason)}",
            $"{target}: 더 받지 않습니다: {FailureText.Of(reason)}")));
        return null;
    }
}

/// <summary>An item of a subscription, with its target.</summary>
internal readonly record struct WatchedItem(WatchTarget Target, FrameItem Item);
