using System.IO.Pipelines;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>A stream as server-sent events.</summary>
internal static class SseStream
{
    /// <summary>Sets the headers of the response.</summary>
    public static void Prepare(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no"; // Otherwise nginx and similar proxies buffer the stream.
    }

    /// <summary>Sends until the stream ends or the client is gone.</summary>
    public static async Task RunAsync(StreamConsumer consumer, StreamItemRenderer renderer, HttpContext context)
    {
        Prepare(context.Response);
        ResponseRate.Free(context); // A slow reader gets gaps instead of being cut off.
        var aborted = context.RequestAborted;
        await using var registration = aborted.UnsafeRegister(static state => ((StreamConsumer)state!).Drop(), consumer).ConfigureAwait(false);
        try
        {
            await context.Response.StartAsync(aborted).ConfigureAwait(false);
            await StreamPump.RunAsync(consumer, renderer, SseFormatter.Instance, context.Response.BodyWriter, aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone.
        }
    }
}

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
