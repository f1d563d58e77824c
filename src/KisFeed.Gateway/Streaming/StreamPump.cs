using System.IO.Pipelines;

namespace KisFeed.Gateway.Streaming;

/// <summary>Writes the queue of a stream to its connection, in batches.</summary>
internal static class StreamPump
{
    private const int Batch = 64;
    private const int FlushBytes = 32 * 1024;

    /// <summary>Writes until the queue is closed and empty, or the client is gone.</summary>
    public static async Task RunAsync(StreamConsumer consumer, StreamItemRenderer renderer, IStreamFormatter formatter, PipeWriter output, CancellationToken cancellationToken)
    {
        var items = new StreamItem[Batch];
        while (await consumer.Queue.WaitAsync().ConfigureAwait(false))
        {
            var count = consumer.Queue.Read(items);
            var unsent = 0;
            for (var i = 0; i < count; i++)
            {
                unsent += Write(items[i], consumer, renderer, formatter, output);
                items[i] = null!;
                if (unsent < FlushBytes && i < count - 1)
                    continue;
                var flushed = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (flushed.IsCompleted)
                    return;
                unsent = 0;
            }
        }
    }

    private static int Write(StreamItem item, StreamConsumer consumer, StreamItemRenderer renderer, IStreamFormatter formatter, PipeWriter output)
    {
        var text = renderer.Render(item, consumer.Names);
        formatter.Write(output, item, text);
        return text.Length;
    }
}
