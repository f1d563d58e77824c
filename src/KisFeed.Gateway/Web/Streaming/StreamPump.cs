using System.IO.Pipelines;

namespace KisFeed.Gateway;

/// <summary>Writes what waits for a stream to its connection, as much at a time as has gathered.</summary>
internal static class StreamPump
{
    private const int Batch = 64;
    private const int FlushBytes = 32 * 1024;

    /// <summary>Writes until the queue is complete and empty, or nobody reads any more.</summary>
    public static async Task RunAsync(StreamConsumer consumer, ItemRenderer renderer, IStreamFormatter form, PipeWriter output, CancellationToken cancellationToken)
    {
        var items = new StreamItem[Batch];
        while (await consumer.Queue.WaitAsync().ConfigureAwait(false))
        {
            var count = consumer.Queue.Take(items);
            var unsent = 0;
            for (var i = 0; i < count; i++)
            {
                unsent += Write(items[i], consumer, renderer, form, output);
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

    private static int Write(StreamItem item, StreamConsumer consumer, ItemRenderer renderer, IStreamFormatter form, PipeWriter output)
    {
        var text = renderer.Render(item, consumer.Names);
        form.Write(output, item, text);
        return text.Length;
    }
}
