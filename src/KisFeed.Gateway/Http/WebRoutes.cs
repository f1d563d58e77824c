using KisFeed.Gateway.Consumers;
using KisFeed.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Http;

/// <summary>
/// Maps the endpoints of the HTTP API. All but the sign-in are read-only: GET, HEAD, and OPTIONS for preflight requests. Each declares its
/// query parameters; others are refused.
/// </summary>
internal sealed class WebRoutes(WebGate gate, IEndpointRouteBuilder application)
{
    private const string Methods = "GET, HEAD, OPTIONS";
    private const string PostMethods = "POST, OPTIONS";
    private const string PreflightSeconds = "600";

    private static readonly QueryParameters s_none = new();

    private static readonly Problem s_notAllowed = new(
        StatusCodes.Status405MethodNotAllowed, "methodNotAllowed", "This path is read-only. It supports GET, HEAD and OPTIONS.");

    private static readonly Problem s_onlyPost = new(
        StatusCodes.Status405MethodNotAllowed, "methodNotAllowed", "This path supports only POST and OPTIONS.");

    /// <summary>Maps an endpoint that needs credentials.</summary>
    public void Map(string path, Func<HttpContext, Account, Task> page, params string[] parameters)
    {
        var known = new QueryParameters([.. parameters, WebCredentials.Parameter]);
        MapMethods(path, context => AnswerAsync(context, page, known));
    }

    /// <summary>Maps an endpoint that needs no credentials and has no query parameters.</summary>
    public void MapForAnybody(string path, RequestDelegate page) => MapMethods(path, context => AnswerAnybodyAsync(context, page));

    /// <summary>Maps a POST endpoint that needs no credentials and has no query parameters.</summary>
    public void MapPostForAnybody(string path, RequestDelegate page) => application.Map(path, context => context.Request.Method == "POST"
        ? AnswerAnybodyAsync(context, page)
        : AnswerOtherAsync(context, PostMethods, HeaderNames.ContentType, s_onlyPost));

    /// <summary>Maps a path where browsers get an HTML page without credentials, and other clients a page that needs credentials.</summary>
    /// <param name="path">The path.</param>
    /// <param name="html">
    /// The handler for browsers, which accepts any query parameters; <see langword="null"/> if they get the other page too.
    /// </param>
    /// <param name="page">The handler for other clients. Its only query parameter is the one for credentials.</param>
    public void Map(string path, RequestDelegate? html, Func<HttpContext, Account, Task> page)
    {
        var known = new QueryParameters(WebCredentials.Parameter);
        MapMethods(path, async context =>
        {
            context.Response.Headers.Vary = $"{HeaderNames.Accept}, {HeaderNames.Origin}";
            if (html is null || !AcceptsHtml(context.Request))
                await AnswerAsync(context, page, known).ConfigureAwait(false);
            else if (await gate.AdmitVisitorAsync(context).ConfigureAwait(false))
                await html(context).ConfigureAwait(false);
        });
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Account, Task> page, QueryParameters known)
    {
        if (await gate.AdmitAsync(context).ConfigureAwait(false) is { } account
            && await CheckParametersAsync(context, known).ConfigureAwait(false))
        {
            await page(context, account).ConfigureAwait(false);
        }
    }

    // If a parameter is unknown, the request is refused and answered.
    private async Task<bool> CheckParametersAsync(HttpContext context, QueryParameters known)
    {
        if (known.Check(context.Request.Query) is not { } problem)
            return true;
        await gate.RefuseAsync(context, AccessRefusalReason.Malformed, problem).ConfigureAwait(false);
        return false;
    }

    // Only an explicit text/html counts, because programs accept any type.
    private static bool AcceptsHtml(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && a.Quality != 0);

    private async Task AnswerAnybodyAsync(HttpContext context, RequestDelegate page)
    {
        if (await gate.AdmitAnybodyAsync(context).ConfigureAwait(false)
            && await CheckParametersAsync(context, s_none).ConfigureAwait(false))
        {
            await page(context).ConfigureAwait(false);
        }
    }

    // Methods are case-sensitive, which the framework ignores.
    private void MapMethods(string path, RequestDelegate page) => application.Map(path, context => context.Request.Method is "GET" or "HEAD"
        ? page(context)
        : AnswerOtherAsync(context, Methods, $"{HeaderNames.Authorization}, Last-Event-ID", s_notAllowed));

    private Task AnswerOtherAsync(HttpContext context, string methods, string headers, Problem problem)
    {
        context.Response.Headers.Allow = methods;
        return context.Request.Method == "OPTIONS"
            ? AnswerOptionsAsync(context, methods, headers)
            : gate.RefuseAsync(context, AccessRefusalReason.Malformed, problem);
    }

    // Preflight requests carry no credentials, so the response is the same for everybody.
    private async Task AnswerOptionsAsync(HttpContext context, string methods, string headers)
    {
        if (!await gate.AdmitAnybodyAsync(context).ConfigureAwait(false))
            return;
        var response = context.Response;
        if (context.Request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod))
        {
            response.Headers.AccessControlAllowMethods = methods;
            response.Headers.AccessControlAllowHeaders = headers;
            response.Headers.AccessControlMaxAge = PreflightSeconds;
        }

        response.StatusCode = StatusCodes.Status204NoContent;
    }
}

/// <summary>The query parameter that selects the names of JSON members.</summary>
internal static class NamesParameter
{
    public const string Name = "names";

    public static NameStyle Read(QueryReader query) => query.Choose(Name, ("english", NameStyle.English), ("kis", NameStyle.Kis));
}
