using KisFeed.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway;

/// <summary>
/// Adds pages of the plain HTTP side to a server. All but the sign-in are read only: GET, HEAD, and OPTIONS for browsers that ask before. Each declares the query parameters that it knows; any other is refused.
/// </summary>
/// <param name="gate">Who may.</param>
/// <param name="application">The server.</param>
internal sealed class WebRoutes(WebGate gate, IEndpointRouteBuilder application)
{
    private const string Methods = "GET, HEAD, OPTIONS";
    private const string PostMethods = "POST, OPTIONS";
    private const string PreflightSeconds = "600";

    private static readonly Problem s_notAllowed = new(StatusCodes.Status405MethodNotAllowed, "methodNotAllowed", "Nothing can be changed here: only GET, HEAD and OPTIONS are answered.");

    private static readonly Problem s_onlyPost = new(StatusCodes.Status405MethodNotAllowed, "methodNotAllowed", "Only POST and OPTIONS are answered here.");

    /// <summary>A page for those who may use the gateway.</summary>
    /// <param name="path">The path.</param>
    /// <param name="page">The page.</param>
    /// <param name="parameters">The query parameters that it knows, beside the one for credentials.</param>
    public void Map(string path, Func<HttpContext, Account, Task> page, params string[] parameters)
    {
        var known = new QueryParameters([.. parameters, WebCredentials.Parameter]);
        MapMethods(path, context => AnswerAsync(context, page, known));
    }

    /// <summary>A page for whoever comes, unless it is a page of a browser that may not. It knows no query parameters.</summary>
    public void MapForAnybody(string path, RequestDelegate page)
    {
        var known = new QueryParameters();
        MapMethods(path, async context =>
        {
            if (await gate.AdmitAnybodyAsync(context).ConfigureAwait(false) && await KnowsAsync(context, known).ConfigureAwait(false))
                await page(context).ConfigureAwait(false);
        });
    }

    /// <summary>A page that takes a POST from whoever comes, unless it is a page of a browser that may not. It knows no query parameters.</summary>
    public void MapPostForAnybody(string path, RequestDelegate page)
    {
        var known = new QueryParameters();
        application.Map(path, async context =>
        {
            if (context.Request.Method == "POST")
            {
                if (await gate.AdmitAnybodyAsync(context).ConfigureAwait(false) && await KnowsAsync(context, known).ConfigureAwait(false))
                    await page(context).ConfigureAwait(false);
                return;
            }

            context.Response.Headers.Allow = PostMethods;
            if (context.Request.Method == "OPTIONS")
                await AnswerOptionsAsync(context, PostMethods, HeaderNames.ContentType).ConfigureAwait(false);
            else
                await gate.RefuseAsync(context, RefusalReason.Malformed, s_onlyPost).ConfigureAwait(false);
        });
    }

    /// <summary>A path where browsers get one page, whoever it is and wherever they were led from, and those who may use the gateway another.</summary>
    /// <param name="path">The path.</param>
    /// <param name="html">The page of browsers, whatever parameters a link has given them; <see langword="null"/> where they get the other too.</param>
    /// <param name="page">The page of everybody else. It knows no query parameters but the one for credentials.</param>
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
        if (await gate.AdmitAsync(context).ConfigureAwait(false) is { } account && await KnowsAsync(context, known).ConfigureAwait(false))
            await page(context, account).ConfigureAwait(false);
    }

    // Where a parameter is not known, the request is answered.
    private async Task<bool> KnowsAsync(HttpContext context, QueryParameters known)
    {
        if (known.Check(context.Request.Query) is not { } problem)
            return true;
        await gate.RefuseAsync(context, RefusalReason.Malformed, problem).ConfigureAwait(false);
        return false;
    }

    // By name: programs take anything.
    private static bool AcceptsHtml(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) && accepted.Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && a.Quality != 0);

    private void MapMethods(string path, RequestDelegate page) => application.Map(path, context =>
    {
        // Methods are told apart by case, which the framework does not do.
        if (context.Request.Method is "GET" or "HEAD")
            return page(context);
        context.Response.Headers.Allow = Methods;
        return context.Request.Method == "OPTIONS" ? AnswerOptionsAsync(context, Methods, $"{HeaderNames.Authorization}, Last-Event-ID") : gate.RefuseAsync(context, RefusalReason.Malformed, s_notAllowed);
    });

    // Browsers ask without credentials, and are told only what is the same for everybody.
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

/// <summary>The query parameters that a page knows. A misspelled one must not be ignored: the answer would be to another question.</summary>
/// <param name="known">Their names, in any case.</param>
internal sealed class QueryParameters(params string[] known)
{
    private const int LongestName = 64;

    /// <summary>What is wrong with a query; <see langword="null"/> where the page knows all of its parameters.</summary>
    public Problem? Check(IQueryCollection query)
    {
        foreach (var name in query.Keys)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                return new Problem(StatusCodes.Status400BadRequest, "unknownParameter", $"There is no parameter '{Shorten(name)}' at this address. {Known()}");
        }

        return null;
    }

    /// <summary>Why a parameter that is known cannot be used.</summary>
    public static Problem Unusable(string name, string expected) =>
        new(StatusCodes.Status400BadRequest, "badParameter", $"The parameter {name.ToLowerInvariant()} cannot be used: {expected}.");

    private string Known() => known switch
    {
        [] => "It takes none.",
        [var only] => $"The only one is {only}.",
        _ => $"There are {string.Join(", ", known[..^1])} and {known[^1]}.",
    };

    private static string Shorten(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}…";
}

/// <summary>The parameter of an address that says which names members are to bear.</summary>
internal static class NamesParameter
{
    public const string Name = "names";

    /// <summary>What it can be, for people.</summary>
    public const string Values = "english or kis";

    public static bool TryParse(string text, out NameStyle names)
    {
        names = text == "kis" ? NameStyle.Kis : NameStyle.English;
        return text is "kis" or "english";
    }
}
