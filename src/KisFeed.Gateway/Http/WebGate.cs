using KisFeed.Gateway.Consumers;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Http;

/// <summary>
/// Admits or refuses requests of the HTTP API: checks the origin of browser pages, the credentials, and the request
/// limit of the account. Answers requests and counts refusals.
/// </summary>
internal sealed class WebGate(AccessControl access, WebCredentials credentials)
{
    private static readonly Problem s_foreignHost = new(
        StatusCodes.Status403Forbidden,
        "hostNotAllowed",
        "The Host header does not name this gateway. Use its IP address or localhost, or start the gateway with "
            + "the name as an allowed origin.")
    {
        Refusal = AccessRefusalReason.Host,
    };

    private static readonly Problem s_foreignOrigin = new(
        StatusCodes.Status403Forbidden, "originNotAllowed",
        "Pages of this origin may not use the gateway. To allow them, start the gateway with this origin as an allowed origin.")
    {
        Refusal = AccessRefusalReason.Origin,
    };

    private static readonly Problem s_foreignPage = new(
        StatusCodes.Status403Forbidden, "originNotAllowed", "A page of another origin may not use or link to the gateway. Open the URL "
            + "directly, or start the gateway with the page's origin as an allowed origin.")
    {
        Refusal = AccessRefusalReason.Origin,
    };

    private static readonly Problem s_unknown = new(
        StatusCodes.Status401Unauthorized,
        "credentialsNeeded",
        "The credentials are missing or wrong. Send the app key and app secret that were issued for this gateway (Authorization: Basic; "
            + "curl -u KEY:SECRET), or an approval key of /oauth2/Approval (Authorization: Bearer, or approval_key= in the URL).")
    {
        Refusal = AccessRefusalReason.Credentials,
    };

    public static Problem TooManyFailures { get; } = new(
        StatusCodes.Status429TooManyRequests, "tooManyFailures", "These credentials are wrong, and this address has sent too many wrong "
            + "ones. Correct them, and wait for the time in Retry-After before you try again. Correct credentials are always accepted.")
    {
        Refusal = AccessRefusalReason.TooManyFailures,
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

    /// <summary>Checks where a request comes from, and sets the headers of the response.</summary>
    /// <param name="context">The request.</param>
    /// <param name="mayBeLinked">Whether any page may link to it and open it in a tab.</param>
    /// <returns>The problem; <see langword="null"/> if the request is admitted.</returns>
    // The CORS headers do not depend on credentials, because browsers send preflight requests without them.
    public Problem? Check(HttpContext context, bool mayBeLinked = false)
    {
        WebAnswer.Prepare(context.Response);
        var headers = context.Request.Headers;
        if (access.Accounts.IsOpen && !access.Origins.AllowsHost(headers.Host))
            return s_foreignHost;
        var origin = headers.Origin;
        if (!access.Origins.Allows(origin, context.Connection.LocalIpAddress, context.Connection.LocalPort))
            return s_foreignOrigin;
        if (origin.Count == 0 && !mayBeLinked && OriginRules.IsCrossSite(headers))
            return s_foreignPage;
        if (origin.Count > 0)
        {
            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.AccessControlExposeHeaders = HeaderNames.RetryAfter;
        }

        return null;
    }

    /// <summary>As <see cref="Check"/>, and checks the credentials and the limits of their account.</summary>
    public Problem? Admit(HttpContext context, out Account? account)
    {
        account = null;
        if (Check(context) is { } problem)
            return problem;
        account = credentials.Find(context.Request, out var reason);
        if (account is null && reason == AccessRefusalReason.TooManyFailures)
            return TooManyFailures;
        if (account is null)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"kisfeed\", charset=\"UTF-8\"";
            return s_unknown;
        }

        if (!account.Usage.TryRequest())
            return s_tooMany;
        if (!account.Usage.TryRead(context.Request.ContentLength ?? 0))
            return s_tooLong;
        context.Features.Get<IConnectionAdmission>()?.MarkAuthenticated();
        return null;
    }

    /// <summary>Answers a request, and counts a refusal.</summary>
    public Task AnswerAsync(HttpContext context, IResult answer)
    {
        if (answer is Problem { Refusal: { } reason })
            Count(reason);
        return answer.ExecuteAsync(context);
    }

    public void Count(AccessRefusalReason refusal) => access.Refusals.Add(refusal);
}
