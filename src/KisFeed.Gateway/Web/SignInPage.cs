using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>POST /v1/signin</c>: exchanges the code of a sign-in link for an approval key of the link's consumer. Like every approval key, it is
/// valid for a day and ends with the consumer.
/// </summary>
internal sealed class SignInPage(AccessControl access, ApprovalKeys approvalKeys, ILogger logger)
{
    private const int MaxBytes = 1_024;

    // All invalid codes get the same response, so that clients cannot find out which codes existed.
    private static readonly Problem s_notValid = new(
        StatusCodes.Status401Unauthorized,
        "linkNotValid",
        "This sign-in link is not valid. A link works once and expires soon. Create another with 'kisfeed gateway token link NAME'.")
    {
        Refusal = AccessRefusalReason.Credentials,
    };

    private static readonly Problem s_malformed = Problem.Malformed("malformedBody",
        "The body must be a JSON object with the code of a sign-in link: {\"code\":\"…\"}.");

    private static readonly Problem s_unavailable = new(
        StatusCodes.Status503ServiceUnavailable,
        "signInUnavailable",
        "Sign-in links are not available, because their file cannot be used. The gateway's log has the reason.");

    public async Task<IResult> AnswerAsync(HttpContext context)
    {
        if (await ReadCodeAsync(context.Request).ConfigureAwait(false) is not { } code)
            return s_malformed;
        Account? account;
        AccessRefusalReason reason;
        try
        {
            // Not cancelled when the client disconnects: that could use up the code without issuing a key.
            (account, reason) = await access.SignInAsync(code, context.Connection.RemoteIpAddress).ConfigureAwait(false);
        }
        catch (KisFeedConfigurationException e)
        {
            ConsumerLog.LinksUnusable(logger, e.Message);
            return s_unavailable;
        }

        if (account is null)
            return reason == AccessRefusalReason.TooManyFailures ? WebGate.TooManyFailures : s_notValid;
        ConsumerLog.SignedIn(logger, account.Name);
        var approvalKey = approvalKeys.Issue(account.Id);
        return WebAnswer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("approvalKey"u8, approvalKey);
            json.WriteEndObject();
        });
    }

    private static async Task<string?> ReadCodeAsync(HttpRequest request)
    {
        // Pages of other origins can send any other content type without a preflight request.
        if (!request.HasJsonContentType())
            return null;
        var body = new byte[MaxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(
            body, body.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted).ConfigureAwait(false);
        if (length > MaxBytes)
            return null;
        try
        {
            return JsonSerializer.Deserialize(body.AsSpan(0, length), SignInJson.Default.SignInRequest)?.Code;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The body of the request.</summary>
internal sealed record SignInRequest(string? Code);

/// <summary>Reads <see cref="SignInRequest"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SignInRequest))]
internal sealed partial class SignInJson : JsonSerializerContext;
