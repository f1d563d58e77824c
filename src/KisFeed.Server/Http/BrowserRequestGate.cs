using Microsoft.AspNetCore.Http;

namespace KisFeed.Server.Http;

/// <summary>
/// Refuses requests of web pages that are not allowed to use the server. Any page in a browser can connect to any address of the user's
/// machine; the browser checks permissions afterwards or not at all. Of the headers checked here, programs send only <c>Host</c>.
/// </summary>
/// <param name="origins">The allowed origins.</param>
/// <param name="server">The name of the server in refusals.</param>
/// <param name="checksHost">Whether to check the <c>Host</c> header too, because the server needs no credentials: see
/// <see cref="OriginRules.AllowsHost"/>.</param>
/// <param name="onRefused">Called for each refused request.</param>
internal sealed class BrowserRequestGate(OriginRules origins, string server, bool checksHost = true, Action? onRefused = null)
    : IRequestGate
{
    private readonly RequestRefusal _originRefusal = new(
        StatusCodes.Status403Forbidden,
        $"web pages of this origin may not use the {server}: to allow the origin, start it with --allow-origin");

    private readonly RequestRefusal _hostRefusal = new(
        StatusCodes.Status403Forbidden, $"the Host header has an unknown name: use the IP address of the {server} or localhost, "
            + "or start it with --allow-origin http://NAME");

    public RequestRefusal? Check(HttpContext context)
    {
        var refusal = Find(context);
        if (refusal is not null)
            onRefused?.Invoke();
        return refusal;
    }

    /// <summary>The middleware that refuses requests before any endpoint.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next) =>
        Check(context) is { } refusal ? refusal.WriteAsync(context) : next(context);

    private RequestRefusal? Find(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (checksHost && !origins.AllowsHost(headers.Host))
            return _hostRefusal;
        var isAllowed = origins.Allows(headers.Origin, context.Connection.LocalIpAddress, context.Connection.LocalPort)
            && (headers.Origin.Count > 0 || !OriginRules.IsCrossSite(headers));
        return isAllowed ? null : _originRefusal;
    }
}

/// <summary>Checks requests before they are handled. Thread-safe.</summary>
internal interface IRequestGate
{
    /// <summary>
    /// Checks a request without reading its body. Returns the refusal, or <see langword="null"/> if the request may pass.
    /// </summary>
    RequestRefusal? Check(HttpContext context);
}

/// <summary>An HTTP refusal of a request, before it reaches the broker's protocol.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Problem">What is wrong with the request and what to do, for the user of the client.</param>
internal sealed record RequestRefusal(int Status, string Problem)
{
    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = "text/plain; charset=utf-8";

        // WebSocket clients do not show the body.
        context.Response.Headers["KisFeed-Problem"] = Uri.EscapeDataString(Problem);
        return context.Response.WriteAsync($"{Problem}\n", context.RequestAborted);
    }
}
