using System.Net.Http.Headers;
using System.Text;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway;

/// <summary>
/// Lets requests of the plain HTTP side in, or answers them: pages of browsers by their origin, everybody by credentials, and nobody more often than its account may. What it turns away is counted.
/// </summary>
/// <param name="access">Who may. Counts who is turned away.</param>
/// <param name="credentials">Tells who asks.</param>
internal sealed class WebGate(AccessControl access, WebCredentials credentials)
{
    private static readonly Problem s_foreignHost = new(
        StatusCodes.Status403Forbidden,
        "hostNotAllowed",
        "The Host header has a name that is not known to be the gateway's. Use its IP address or localhost, or allow the name as an origin at its start.");

    private static readonly Problem s_foreignOrigin = new(
        StatusCodes.Status403Forbidden, "originNotAllowed", "Pages of this origin may not use the gateway. Allow the origin at its start if they are to.");

    private static readonly Problem s_foreignPage = new(
        StatusCodes.Status403Forbidden, "originNotAllowed", "A page of another origin may not use the gateway, nor lead to it. Open the address itself, or allow the page's origin at the gateway's start.");

    private static readonly Problem s_unknown = new(
        StatusCodes.Status401Unauthorized,
        "credentialsNeeded",
        "The gateway does not know these credentials, or there are none. Come with the app key and app secret that were issued for it (Authorization: Basic; curl -u KEY:SECRET), or with an approval key of /oauth2/Approval (Authorization: Bearer, or approval_key= in the address).");

    /// <summary>The answer to who has come with wrong credentials, or codes of sign-in links, too often.</summary>
    public static Problem TooManyFailures { get; } = new(
        StatusCodes.Status429TooManyRequests, "tooManyFailures", "These credentials are wrong, and there were too many wrong ones from this address. Correct them, and wait as long as Retry-After says before you try again; right ones are always accepted.")
    {
        RetryAfter = 1,
    };

    private static readonly Problem s_tooMany = new(
        StatusCodes.Status429TooManyRequests, "tooManyRequests", "There were more requests than this consumer may make. Wait as long as Retry-After says; /v1/stream brings data without asking again.")
    {
        RetryAfter = 1,
    };

    private static readonly Problem s_tooLong = new(StatusCodes.Status413PayloadTooLarge, "bodyTooLong", "The body is longer than the gateway reads, and no page here needs one.");

    /// <summary>Who did what.</summary>
    public AuditTrail Audit => access.Audit;

    /// <summary>Lets somebody in whoever it is, unless it is a page of a browser that may not.</summary>
    /// <returns>Whether it may; where not, the request is answered.</returns>
    public Task<bool> AdmitAnybodyAsync(HttpContext context) => AdmitAsync(context, mayBeLedHere: false);

    /// <summary>The same for a page that holds no data and that a link of any page or a bookmark may open, on a tab of its own.</summary>
    /// <returns>Whether it may; where not, the request is answered.</returns>
    public Task<bool> AdmitVisitorAsync(HttpContext context) => AdmitAsync(context, mayBeLedHere: OriginRules.IsNavigation(context.Request.Headers));

    /// <summary>Lets somebody in who may use the gateway.</summary>
    /// <returns>The account of who asks; <see langword="null"/> where it may not, and then the request is answered.</returns>
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
            context.Features.Get<IConnectionPlace>()?.MarkKnown();
            return account;
        }

        await problem.WriteAsync(context).ConfigureAwait(false);
        return null;
    }

    /// <summary>Refuses a request that was admitted: counts and answers it.</summary>
    public Task RefuseAsync(HttpContext context, RefusalReason reason, Problem problem) => RefuseAsync(context, reason, problem.WriteAsync);

    /// <summary>Refuses a request that was admitted: counts and answers it.</summary>
    public Task RefuseAsync(HttpContext context, RefusalReason reason, RequestDelegate answer)
    {
        access.Refusals.Add(reason);
        return answer(context);
    }

    private async Task<bool> AdmitAsync(HttpContext context, bool mayBeLedHere)
    {
        WebAnswer.Prepare(context.Response);
        if (Check(context, mayBeLedHere) is not var (reason, problem))
            return true;
        access.Refusals.Add(reason);
        await problem.WriteAsync(context).ConfigureAwait(false);
        return false;
    }

    private static Task AnswerUnknownAsync(HttpContext context, RefusalReason reason)
    {
        if (reason == RefusalReason.TooManyFailures)
            return TooManyFailures.WriteAsync(context);
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"kisfeed\", charset=\"UTF-8\"";
        return s_unknown.WriteAsync(context);
    }

    // What the page of an origin that passes is told does not depend on credentials: browsers ask for this without any.
    private (RefusalReason Reason, Problem Problem)? Check(HttpContext context, bool mayBeLedHere)
    {
        var headers = context.Request.Headers;
        if (access.Accounts.IsOpen && !access.Origins.AllowsHost(headers.Host))
            return (RefusalReason.Host, s_foreignHost);
        var origin = headers.Origin;
        if (!access.Origins.Allows(origin, context.Connection.LocalIpAddress, context.Connection.LocalPort))
            return (RefusalReason.Origin, s_foreignOrigin);
        if (origin.Count == 0 && !mayBeLedHere && OriginRules.IsOfForeignPage(headers))
            return (RefusalReason.Origin, s_foreignPage);
        if (origin.Count > 0)
        {
            context.Response.Headers.AccessControlAllowOrigin = origin;
            context.Response.Headers.AccessControlExposeHeaders = HeaderNames.RetryAfter;
        }

        return null;
    }
}

/// <summary>
/// Finds out who asks, by what an HTTP request has with it: <c>Authorization: Basic</c> with app key and app secret, <c>Authorization: Bearer</c> with an approval key, or, since scripts in
/// browsers cannot set headers everywhere, an approval key as <c>approval_key</c> in the address.
/// </summary>
/// <param name="access">Those who may.</param>
/// <param name="approvalKeys">The approval keys, each with the id of its account.</param>
internal sealed class WebCredentials(AccessControl access, ApprovalKeys approvalKeys)
{
    /// <summary>How an approval key is called in an address.</summary>
    public const string Parameter = "approval_key";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The account of a request; <see langword="null"/> where its credentials are nobody's, or it has none, or several. Where everybody is let in, everybody's, and what it has with it is not looked at.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">Why it is nobody's; to be counted by who refuses.</param>
    public Account? Find(HttpRequest request, out RefusalReason reason)
    {
        reason = RefusalReason.Credentials;
        if (access.Accounts.WithoutCredentials is { } everybody)
            return everybody;
        if (PairOf(request) is var (appKey, appSecret))
            return access.Authenticate(appKey, appSecret, request.HttpContext.Connection.RemoteIpAddress, out reason);
        return ApprovalKeyOf(request) is { } approvalKey ? access.FindByApprovalKey(approvalKeys.TryGetOwner(approvalKey, out var id) ? id : null, request.HttpContext.Connection.RemoteIpAddress) : null;
    }

    private static (string AppKey, string AppSecret)? PairOf(HttpRequest request)
    {
        if (ParameterOf(request, "Basic") is not { } encoded)
            return null;
        string pair;
        try
        {
            pair = s_utf8.GetString(Convert.FromBase64String(encoded));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }

        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (pair[..colon], pair[(colon + 1)..]);
    }

    private static string? ApprovalKeyOf(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 ? ParameterOf(request, "Bearer") : request.Query[Parameter] is [{ } approvalKey] ? approvalKey : null;

    private static string? ParameterOf(HttpRequest request, string scheme) =>
        request.Headers.Authorization is [{ } text] && AuthenticationHeaderValue.TryParse(text, out var credentials) && credentials.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? credentials.Parameter
            : null;
}
