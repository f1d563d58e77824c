using System.IO.Pipelines;
using KisFeed.Gateway.History;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>Writes the recorded past of a stream and then its queue to its connection, in batches.</summary>
/// <param name="consumer">The stream.</param>
/// <param name="renderer">Writes items as text.</param>
/// <param name="formatter">The form of items on the connection.</param>
/// <param name="output">The connection.</param>
internal sealed class StreamPump(StreamConsumer consumer, StreamItemRenderer renderer, IStreamFormatter formatter, PipeWriter output) : IStreamWriter
{
    /// <summary>The length of text that is sent at once.</summary>
    public const int FlushBytes = 32 * 1024;

    private const int Batch = 64;

    private readonly StreamItem[] _items = new StreamItem[Batch];
    private StreamItemWriter? _recorded;
    private int _unsent;
    private bool _isGone;

    public bool TakesFrames => formatter.TakesFrames;

    /// <summary>Writes until the queue is closed and empty, or the client is gone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!_isGone && await consumer.Queue.WaitAsync().ConfigureAwait(false))
        {
            await WriteWaitingAsync(cancellationToken).ConfigureAwait(false);
            if (consumer.TakePast() is { } past)
                await past.RunAsync(this, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask WriteWaitingAsync(CancellationToken cancellationToken)
    {
        for (var count = consumer.Queue.Read(_items); count > 0 && !_isGone; count = consumer.Queue.Read(_items))
        {
            for (var i = 0; i < count; i++)
            {
                Write(_items[i]);
                _items[i] = null!;
                if (_unsent >= FlushBytes)
                    await FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Write(StreamItem item) => _unsent += formatter.Write(output, item, renderer, consumer.Names);

    public void WriteRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt)
    {
        _recorded ??= new StreamItemWriter(renderer.Epoch);
        var json = _recorded.WriteRecorded(key, fields, position, receivedAt, consumer.Names);
        _unsent += formatter.WriteRecorded(output, _recorded.Text, json);
    }

    public void WriteFrame(FeedSchema feed, in Frame frame) => _unsent += formatter.WriteFrame(output, feed, frame);

    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        formatter.Complete(output);
        if (_unsent > 0)
            _isGone |= (await output.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted;
        _unsent = 0;
        return !_isGone;
    }
}
