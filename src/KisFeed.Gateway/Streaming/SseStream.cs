using System.IO.Pipelines;
using KisFeed.Gateway.Dispatching;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>A stream as server-sent events, or as the lines of a capture.</summary>
internal static class SseStream
{
    public static void Prepare(HttpResponse response, bool isCapture)
    {
        response.ContentType = isCapture ? "text/plain; charset=utf-8" : "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no"; // Otherwise nginx and similar proxies buffer the stream.
    }

    public static async Task RunAsync(StreamConsumer consumer, IStreamFormatter formatter, HttpContext context)
    {
        Prepare(context.Response, formatter is CaptureLineFormatter);
        ResponseRate.Free(context); // A slow reader gets gaps instead of being cut off.
        var aborted = context.RequestAborted;
        await using var registration = aborted.UnsafeRegister(
            static state => ((StreamQueue)state!).Drop(), consumer.Outlet.Queue).ConfigureAwait(false);

        // Not the response's own writer: it throws if text is written after the client has left, which the stream may not know yet.
        var output = PipeWriter.Create(
            context.Response.Body, new StreamPipeWriterOptions(minimumBufferSize: OutletWriter.FlushBytes, leaveOpen: true));
        try
        {
            await context.Response.StartAsync(aborted).ConfigureAwait(false);
            await consumer.RunAsync(formatter, output, aborted).ConfigureAwait(false);
            await output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone.
        }
    }
}
