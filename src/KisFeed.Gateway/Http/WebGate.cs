using KisFeed.Gateway.Consumers;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Http;

/// <summary>
/// Admits or refuses requests of the HTTP API: checks the origin of browser pages, the credentials, and the request
/// limit of the account. Counts refusals.
/// </summary>
internal sealed class WebGate(AccessControl access, WebCredentials credentials)
{
    private static readonly Problem s_foreignHost = new(
        StatusCodes.Status403Forbidden,
        "hostNotAllowed",
        "The Host header does not name this gateway. Use its IP address or localhost, or start the gateway with "
            + "the name as an allowed origin.");

    private static readonly Problem s_foreignOrigin = new(
        StatusCodes.Status403Forbidden, "originNotAllowed",
        "Pages of this origin may not use the gateway. To allow them, start the gateway with this origin as an allowed origin.");

    private static readonly Problem s_foreignPage = new(
        StatusCodes.Status403Forbidden, "originNotAllowed", "A page of another origin may not use or link to the gateway. Open the URL "
            + "directly, or start the gateway with the page's origin as an allowed origin.");

    private static readonly Problem s_unknown = new(
        StatusCodes.Status401Unauthorized,
        "credentialsNeeded",
        "The credentials are missing or wrong. Send the app key and app secret that were issued for this gateway (Authorization: Basic; "
            + "curl -u KEY:SECRET), or an approval key of /oauth2/Approval (Authorization: Bearer, or approval_key= in the URL).");

    /// <summary>The response after too many wrong credentials or sign-in codes.</summary>
    public static Problem TooManyFailures { get; } = new(
        StatusCodes.Status429TooManyRequests, "tooManyFailures", "These credentials are wrong, and this address has sent too many wrong "
            + "ones. Correct them, and wait for the time in Retry-After before you try again. Correct credentials are always accepted.")
    {
        RetryAfter = 1,
    };

    private static readonly Problem s_tooMany = new(
        StatusCodes.Status429TooManyRequests, "tooManyRequests", "This consumer has exceeded its request limit. Wait for the time in "
            + "Retry-After, or use /v1/stream to receive data without repeated requests.")
    {
        RetryAfter = 1,
    };

    private static readonly Problem s_tooLong = new(StatusCodes.Status413PayloadTooLarge, "bodyTooLong", "The request body is too long.");

    public AuditTrail Audit => access.Audit;

    /// <summary>Admits a request without credentials, unless its origin is not allowed.</summary>
    /// <returns>Whether the request is admitted. If not, it has been answered.</returns>
    public Task<bool> AdmitAnybodyAsync(HttpContext context) => AdmitAsync(context, mayBeLinked: false);

    /// <summary>Admits a request for a page without data. Any page may link to it and open it in a tab.</summary>
    /// <returns>Whether the request is admitted. If not, it has been answered.</returns>
    public Task<bool> AdmitVisitorAsync(HttpContext context) =>
        AdmitAsync(context, mayBeLinked: OriginRules.IsNavigation(context.Request.Headers));

    /// <summary>Admits a request with valid credentials.</summary>
    /// <returns>The account; <see langword="null"/> if the request was refused and answered.</returns>
    public async Task<Account?> AdmitAsync(HttpContext context)
    {
        if (!await AdmitAnybodyAsync(context).ConfigureAwait(false))
            return null;
        if (credentials.Find(context.Request, out var reason) is not { } account)
        {
            access.Refusals.Add(reason);
            await AnswerUnknownAsync(context, reason).ConfigureAwait(false);
            return null;
        }

        var problem = !account.Usage.TryRequest() ? s_tooMany
            : !account.Usage.TryRead(context.Request.ContentLength ?? 0) ? s_tooLong
            : null;
        if (problem is null)
        {
            context.Features.Get<IConnectionPlace>()?.MarkAuthenticated();
            return account;
        }

        await problem.WriteAsync(context).ConfigureAwait(false);
        return null;
    }

    /// <summary>Refuses a request that was admitted: counts and answers it.</summary>
    public Task RefuseAsync(HttpContext context, AccessRefusalReason reason, Problem problem) =>
        RefuseAsync(context, reason, problem.WriteAsync);

    public Task RefuseAsync(HttpContext context, AccessRefusalReason reason, RequestDelegate answer)
    {
        access.Refusals.Add(reason);
        return answer(context);
    }

    private async Task<bool> AdmitAsync(HttpContext context, bool mayBeLinked)
    {
        WebAnswer.Prepare(context.Response);
        if (Check(context, mayBeLinked) is not var (reason, problem))
            return true;
        access.Refusals.Add(reason);
        await problem.WriteAsync(context).ConfigureAwait(false);
        return false;
    }

    private static Task AnswerUnknownAsync(HttpContext context, AccessRefusalReason reason)
    {
        if (reason == AccessRefusalReason.TooManyFailures)
            return TooManyFailures.WriteAsync(context);
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"kisfeed\", charset=\"UTF-8\"";
        return s_unknown.WriteAsync(context);
    }

    // The CORS headers do not depend on credentials, because browsers send preflight requests without them.
    private (AccessRefusalReason Reason, Problem Problem)? Check(HttpContext context, bool mayBeLinked)
    {
        var headers = context.Request.Headers;
        if (access.Accounts.IsOpen && !access.Origins.AllowsHost(headers.Host))
            return (AccessRefusalReason.Host, s_foreignHost);
        var origin = headers.Origin;
        if (!access.Origins.Allows(origin, context.Connection.LocalIpAddress, context.Connection.LocalPort))
            return (AccessRefusalReason.Origin, s_foreignOrigin);
        if (origin.Count == 0 && !mayBeLinked && OriginRules.IsCrossSite(headers))
            return (AccessRefusalReason.Origin, s_foreignPage);
        if (origin.Count > 0)
        {
            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.AccessControlExposeHeaders = HeaderNames.RetryAfter;
        }

        return null;
    }
}
