using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>
/// Keeps out pages of browsers that are not allowed to use a server. Any page that somebody looks at can connect to any address of their machine; the browser asks afterwards, or never. A program sends none of the headers that this
/// goes by, except a <c>Host</c>.
/// </summary>
/// <param name="origins">Which pages may.</param>
/// <param name="server">What the server is called, for those who are refused.</param>
/// <param name="checksHost">Whether the <c>Host</c> has to be known too, because no credentials are needed: see <see cref="OriginRules.AllowsHost"/>.</param>
/// <param name="onRefused">Called for each request that is refused.</param>
internal sealed class BrowserRequestGate(OriginRules origins, string server, bool checksHost = true, Action? onRefused = null) : IRequestGate
{
    private readonly RequestRefusal _foreignOrigin = new(
        StatusCodes.Status403Forbidden, $"web pages of this origin may not use the {server}: allow the origin at its start (--allow-origin) if they are to");

    private readonly RequestRefusal _foreignHost = new(
        StatusCodes.Status403Forbidden, $"the Host header has a name that is not known to be the {server}'s: use its IP address or localhost, or allow the name at its start (--allow-origin http://NAME)");

    public RequestRefusal? Check(HttpContext context)
    {
        var refusal = Find(context);
        if (refusal is not null)
            onRefused?.Invoke();
        return refusal;
    }

    /// <summary>Stands before everything that a server answers.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next) => Check(context) is { } refusal ? refusal.WriteAsync(context) : next(context);

    private RequestRefusal? Find(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (checksHost && !origins.AllowsHost(headers.Host))
            return _foreignHost;
        var isAllowed = origins.Allows(headers.Origin, context.Connection.LocalIpAddress, context.Connection.LocalPort) && (headers.Origin.Count > 0 || !OriginRules.IsOfForeignPage(headers));
        return isAllowed ? null : _foreignOrigin;
    }
}
