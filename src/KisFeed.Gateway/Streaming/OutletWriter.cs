using System.Buffers;
using System.IO.Pipelines;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Output;

namespace KisFeed.Gateway.Streaming;

/// <summary>Writes the items of a stream to its connection. What is written is sent by a flush.</summary>
internal sealed class OutletWriter(StreamOutlet outlet, IStreamFormatter formatter, PipeWriter output)
{
    public const int FlushBytes = 32 * 1024;

    private const int Batch = 64;

    private readonly StreamItem[] _items = new StreamItem[Batch];

    public bool IsGone { get; private set; }

    public IBufferWriter<byte> Output => output;

    /// <inheritdoc cref="IStreamFormatter.NewPast"/>
    public PastSink NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after) => formatter.NewPast(keys, after, this);

    public void Write(StreamItem item)
    {
        if (item.Kind == StreamItemKind.Wire)
            output.Write(item.TextIn(NameStyle.English));
        else
            formatter.Write(output, item);
    }

    public async ValueTask WriteWaitingAsync(CancellationToken cancellationToken)
    {
        for (var count = outlet.Queue.Read(_items); count > 0 && !IsGone; count = outlet.Queue.Read(_items))
        {
            for (var i = 0; i < count; i++)
            {
                Write(_items[i]);
                _items[i] = null!;
                if (output.UnflushedBytes >= FlushBytes)
                    await FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Sends what was written, and waits until the client has taken enough. Returns <see langword="false"/> if it is gone.
    /// </summary>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        formatter.Complete(output);
        if (output.UnflushedBytes > 0)
            IsGone |= (await output.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted;
        return !IsGone;
    }
}
