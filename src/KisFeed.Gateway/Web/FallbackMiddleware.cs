using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KisFeed.Gateway.Web;

/// <summary>
/// Answers requests that no endpoint handles, and refuses paths that are not in normalized form, because a proxy with access rules might
/// interpret such a path differently.
/// </summary>
internal sealed class FallbackMiddleware(WebGate gate)
{
    private static readonly string[] s_forbidden = ["//", "\\", "%2e", "%2f", "%5c", "%00", "%0d", "%0a", "%25"];

    private static readonly Problem s_notNormalized = Problem.Malformed(
        "pathNotPlain",
        "The path is not in normalized form. It must not contain empty segments, . or .. segments, or backslashes, "
            + "nor any of these, line breaks or % in percent-encoded form.");

    private static readonly Problem s_notFound = Problem.Malformed(
        "notFound", "There is nothing at this path. GET / lists all paths.", StatusCodes.Status404NotFound);

    private static readonly Problem s_notAllowed = Problem.Malformed(
        "methodNotAllowed",
        "This path does not support that method. The Allow header lists the supported methods.",
        StatusCodes.Status405MethodNotAllowed);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsNormalized(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
        {
            await gate.AnswerAsync(context, s_notNormalized).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null)
            return;
        if (response.StatusCode == StatusCodes.Status404NotFound && IsBrokerPath(context.Request.Path))
        {
            gate.Count(AccessRefusalReason.Malformed);
            await OAuthEndpoints.AnswerUnknownPathAsync(context).ConfigureAwait(false);
        }
        else if (response.StatusCode == StatusCodes.Status404NotFound)
        {
            await gate.AnswerAsync(context, s_notFound).ConfigureAwait(false);
        }
        else if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            await gate.AnswerAsync(context, s_notAllowed).ConfigureAwait(false);
        }
    }

    private static bool IsBrokerPath(PathString path) =>
        path.StartsWithSegments(OAuthEndpoints.PathPrefix, StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/uapi", StringComparison.OrdinalIgnoreCase);

    private static bool IsNormalized(string target)
    {
        var path = target.AsSpan(0, target.AsSpan().IndexOf('?') is >= 0 and var query ? query : target.Length);
        if (!path.StartsWith('/'))
            return IsNormalizedAbsolute(path);
        foreach (var part in s_forbidden)
        {
            if (path.Contains(part, StringComparison.OrdinalIgnoreCase))
                return false;
        }

        foreach (var segment in path.Split('/'))
        {
            if (path[segment] is "." or "..")
                return false;
        }

        return true;
    }

    // An absolute URL, as sent to proxies. The asterisk of OPTIONS and the authority of CONNECT are not paths.
    private static bool IsNormalizedAbsolute(ReadOnlySpan<char> target)
    {
        const string Separator = "://";
        var authority = target.IndexOf(Separator);
        if (authority < 0)
            return false;
        var path = target[(authority + Separator.Length)..].IndexOf('/');
        return path < 0 || IsNormalized(target[(authority + Separator.Length + path)..].ToString());
    }
}
