using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>A stream as server-sent events.</summary>
internal static class SseStream
{
    /// <summary>The headers of the answer.</summary>
    public static void Prepare(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no"; // Proxies of nginx's kind would gather it otherwise.
    }

    /// <summary>Sends until the stream ends or nobody reads it any more.</summary>
    public static async Task RunAsync(StreamConsumer consumer, ItemRenderer renderer, HttpContext context)
    {
        Prepare(context.Response);
        ResponseRate.Free(context); // It is read as its client pleases, and says what it missed.
        var aborted = context.RequestAborted;
        await using var registration = aborted.UnsafeRegister(static state => ((StreamConsumer)state!).Drop(), consumer).ConfigureAwait(false);
        try
        {
            await context.Response.StartAsync(aborted).ConfigureAwait(false);
            await StreamPump.RunAsync(consumer, renderer, SseForm.Instance, context.Response.BodyWriter, aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone.
        }
    }
}
