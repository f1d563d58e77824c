using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>
/// The REST side: <c>POST /oauth2/Approval</c> for the approval key of the WebSocket service, and <c>POST /oauth2/tokenP</c> for the access
/// token that common clients ask for first. Nothing asks for the token again.
/// </summary>
internal sealed class OAuthEndpoints(OAuthRules rules)
{
    private const int TokenBytes = 192;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ApproveAsync(HttpContext context)
    {
        if (await ReadAsync(context, "secretkey").ConfigureAwait(false) is not { } owner)
            return;
        if (rules.Throttle?.TryPass(owner) == false)
        {
            await RefuseAsync(context, OAuthError.TooManyRequests).ConfigureAwait(false);
            return;
        }

        if (rules.Fails?.Invoke() == true)
        {
            await RefuseAsync(context, OAuthError.Failure).ConfigureAwait(false);
            return;
        }

        var approvalKey = rules.ApprovalKeys.Issue(owner);
        rules.Counters.ApprovalKeyIssued();
        await WriteAsync(context, StatusCodes.Status200OK, ("approval_key", approvalKey)).ConfigureAwait(false);
    }

    public async Task IssueTokenAsync(HttpContext context)
    {
        if (await ReadAsync(context, "appsecret").ConfigureAwait(false) is null)
            return;
        var expires = KoreaTime.From(rules.TimeProvider.GetUtcNow() + ApprovalKeys.Lifetime);
        await WriteAsync(
            context,
            StatusCodes.Status200OK,
            ("access_token", Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes))),
            ("access_token_token_expired", expires.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)),
            ("token_type", "Bearer"),
            ("expires_in", (int)ApprovalKeys.Lifetime.TotalSeconds)).ConfigureAwait(false);
    }

    // Whose a good request is; a bad one is refused here.
    private async Task<string?> ReadAsync(HttpContext context, string secretName)
    {
        if (rules.Gate?.Check(context) is { } refusal)
        {
            await refusal.WriteAsync(context).ConfigureAwait(false);
            return null;
        }

        var owner = "";
        var request = await OAuthRequest.TryReadAsync(context.Request.Body, secretName, context.RequestAborted).ConfigureAwait(false);
        var error = request is null ? OAuthError.InvalidRequest : request.Check(rules.Credentials, context.Connection.RemoteIpAddress, out owner);
        if (error is null)
            return owner;
        await RefuseAsync(context, error).ConfigureAwait(false);
        return null;
    }

    private async Task RefuseAsync(HttpContext context, OAuthError error)
    {
        ServerLog.ApprovalRefused(rules.Logger, error.Code);
        await WriteAsync(context, error.Status, ("error_code", error.Code), ("error_description", error.Description)).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext context, int status, params (string Name, object Value)[] members)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, s_options))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                if (value is int number)
                    json.WriteNumber(name, number);
                else
                    json.WriteString(name, (string)value);
            }

            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }
}
