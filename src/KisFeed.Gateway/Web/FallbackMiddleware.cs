using KisFeed.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KisFeed.Gateway;

/// <summary>
/// Answers what no page is there for. Addresses are taken in one spelling alone: one that has to be tidied up first means one thing to whoever guards the way to here and another to us.
/// </summary>
/// <param name="gate">Counts who is turned away.</param>
internal sealed class FallbackMiddleware(WebGate gate)
{
    private static readonly string[] s_tricks = ["//", "\\", "%2e", "%2f", "%5c", "%00", "%0d", "%0a", "%25"];

    private static readonly Problem s_notPlain = new(
        StatusCodes.Status400BadRequest, "pathNotPlain", @"The path is not in plain form: it may have no empty segments, no . or .. segments, no backslashes, and none of these, line breaks or % percent-encoded.");

    private static readonly Problem s_notFound = new(StatusCodes.Status404NotFound, "notFound", "There is nothing at this path. GET / lists what there is.");

    private static readonly Problem s_notAllowed = new(StatusCodes.Status405MethodNotAllowed, "methodNotAllowed", "This path does not answer that method. The Allow header says which it does.");

    /// <summary>Stands before all that is mapped.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsPlain(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
        {
            await gate.RefuseAsync(context, RefusalReason.Malformed, s_notPlain).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null)
            return;
        if (response.StatusCode == StatusCodes.Status404NotFound && IsBrokerPath(context.Request.Path))
            await gate.RefuseAsync(context, RefusalReason.Malformed, OAuthEndpoints.AnswerUnknownPathAsync).ConfigureAwait(false);
        else if (response.StatusCode == StatusCodes.Status404NotFound)
            await gate.RefuseAsync(context, RefusalReason.Malformed, s_notFound).ConfigureAwait(false);
        else if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await gate.RefuseAsync(context, RefusalReason.Malformed, s_notAllowed).ConfigureAwait(false);
    }

    private static bool IsBrokerPath(PathString path) => path.StartsWithSegments(OAuthEndpoints.PathPrefix, StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/uapi", StringComparison.OrdinalIgnoreCase);

    private static bool IsPlain(string target)
    {
        var path = target.AsSpan(0, target.AsSpan().IndexOf('?') is >= 0 and var query ? query : target.Length);
        if (!path.StartsWith('/'))
            return IsPlainAbsolute(path);
        foreach (var trick in s_tricks)
        {
            if (path.Contains(trick, StringComparison.OrdinalIgnoreCase))
                return false;
        }

        foreach (var segment in path.Split('/'))
        {
            if (path[segment] is "." or "..")
                return false;
        }

        return true;
    }

    // As proxies are asked. The asterisk of OPTIONS and the authority of CONNECT are no paths at all.
    private static bool IsPlainAbsolute(ReadOnlySpan<char> target)
    {
        const string Separator = "://";
        var authority = target.IndexOf(Separator);
        if (authority < 0)
            return false;
        var path = target[(authority + Separator.Length)..].IndexOf('/');
        return path < 0 || IsPlain(target[(authority + Separator.Length + path)..].ToString());
    }
}
