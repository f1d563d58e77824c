using KisFeed.Gateway.Consumers;
using KisFeed.Output;
using KisFeed.Server.Http;
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

    private static readonly Problem s_notAllowed = Problem.Malformed(
        "methodNotAllowed", "This path is read-only. It supports GET, HEAD and OPTIONS.", StatusCodes.Status405MethodNotAllowed);

    private static readonly Problem s_onlyPost = Problem.Malformed(
        "methodNotAllowed", "This path supports only POST and OPTIONS.", StatusCodes.Status405MethodNotAllowed);

    public void Map(string path, Func<HttpContext, Account, Task<IResult>> page, params string[] parameters)
    {
        var known = new QueryParameters([.. parameters, WebCredentials.Parameter]);
        MapGet(path, context => AnswerAsync(context, page, known));
    }

    public void Map(string path, Func<HttpContext, Account, IResult> page, params string[] parameters) =>
        Map(path, (context, account) => Task.FromResult(page(context, account)), parameters);

    /// <summary>Maps an endpoint that needs no credentials and has no query parameters.</summary>
    public void MapForAnybody(string path, Func<HttpContext, IResult> page) => MapGet(path, context => Task.FromResult(
        gate.Check(context) ?? s_none.Check(context.Request.Query) ?? page(context)));

    /// <summary>Maps a POST endpoint that needs no credentials and has no query parameters.</summary>
    public void MapPostForAnybody(string path, Func<HttpContext, Task<IResult>> page) => application.Map(
        path,
        async context => await gate.AnswerAsync(
            context,
            context.Request.Method == "POST"
                ? gate.Check(context) ?? s_none.Check(context.Request.Query) ?? await page(context).ConfigureAwait(false)
                : AnswerOther(context, PostMethods, HeaderNames.ContentType, s_onlyPost)).ConfigureAwait(false));

    /// <summary>Maps a path where browsers get an HTML page without credentials, and other clients a page that needs credentials.</summary>
    /// <param name="path">The path.</param>
    /// <param name="html">
    /// The page for browsers, which accepts any query parameters; <see langword="null"/> if they get the other page too.
    /// </param>
    /// <param name="page">The page for other clients. Its only query parameter is the one for credentials.</param>
    public void Map(string path, IResult? html, IResult page)
    {
        var known = new QueryParameters(WebCredentials.Parameter);
        MapGet(path, async context =>
        {
            context.Response.Headers.Vary = $"{HeaderNames.Accept}, {HeaderNames.Origin}";
            return html is null || !AcceptsHtml(context.Request)
                ? await AnswerAsync(context, (_, _) => Task.FromResult(page), known).ConfigureAwait(false)
                : gate.Check(context, mayBeLinked: OriginRules.IsNavigation(context.Request.Headers)) ?? html;
        });
    }

    private async Task<IResult> AnswerAsync(
        HttpContext context, Func<HttpContext, Account, Task<IResult>> page, QueryParameters known) =>
        gate.Admit(context, out var account)
        ?? known.Check(context.Request.Query)
        ?? await page(context, account!).ConfigureAwait(false);

    // Only an explicit text/html counts, because programs accept any type.
    private static bool AcceptsHtml(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && a.Quality != 0);

    // Methods are case-sensitive, which the framework ignores.
    private void MapGet(string path, Func<HttpContext, Task<IResult>> page) => application.Map(
        path,
        async context => await gate.AnswerAsync(
            context,
            context.Request.Method is "GET" or "HEAD"
                ? await page(context).ConfigureAwait(false)
                : AnswerOther(context, Methods, $"{HeaderNames.Authorization}, Last-Event-ID", s_notAllowed)).ConfigureAwait(false));

    // Preflight requests carry no credentials, so the response is the same for everybody.
    private IResult AnswerOther(HttpContext context, string methods, string headers, Problem problem)
    {
        var response = context.Response;
        response.Headers.Allow = methods;
        if (context.Request.Method != "OPTIONS")
            return problem;
        if (gate.Check(context) is { } refusal)
            return refusal;
        if (context.Request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod))
        {
            response.Headers.AccessControlAllowMethods = methods;
            response.Headers.AccessControlAllowHeaders = headers;
            response.Headers.AccessControlMaxAge = PreflightSeconds;
        }

        response.StatusCode = StatusCodes.Status204NoContent;
        return Results.Empty;
    }
}

/// <summary>The query parameter that selects the names of JSON members.</summary>
internal static class NamesParameter
{
    public const string Name = "names";

    public static NameStyle Read(QueryReader query) => query.Choose(Name, ("english", NameStyle.English), ("kis", NameStyle.Kis));
}
