using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>The refusal of a request that does not come to the protocol at all.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Problem">What is wrong with the request, and what would be right, for the one who made it.</param>
internal sealed record RequestRefusal(int Status, string Problem)
{
    /// <summary>Answers a request with it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = "text/plain; charset=utf-8";

        // WebSocket clients do not show the body.
        context.Response.Headers["KisFeed-Problem"] = Uri.EscapeDataString(Problem);
        return context.Response.WriteAsync($"{Problem}\n", context.RequestAborted);
    }
}
