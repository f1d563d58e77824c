using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server.Http;

/// <summary>
/// The REST endpoints. <c>POST /oauth2/Approval</c> issues the approval key of the WebSocket service. <c>POST /oauth2/tokenP</c> and
/// <c>/oauth2/revokeP</c> exist because common clients call them; no other endpoint uses the access token.
/// </summary>
internal sealed class OAuthEndpoints(SessionOptions options)
{
    public const string PathPrefix = "/oauth2";

    private const int TokenBytes = 192;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Limits how often an owner may ask for an approval key. Default: no limit.</summary>
    public ApprovalThrottle? Throttle { get; init; }

    /// <summary>Returns whether a valid request for an approval key must fail (a simulated fault). Default: never.</summary>
    public Func<bool>? Fails { get; init; }

    /// <summary>Checks every request first; <see langword="null"/> for no check.</summary>
    public IRequestGate? Gate { get; init; }

    public async Task ApproveAsync(HttpContext context)
    {
        if (await ReadAsync(context, "secretkey").ConfigureAwait(false) is not { } request)
            return;
        var error = request.Check(options.Credentials, context.Connection.RemoteIpAddress, out var owner);
        if (error is null && Throttle?.TryAcquire(owner) == false)
            error = OAuthError.TooManyRequests;
        if (error is null && Fails?.Invoke() == true)
            error = OAuthError.Failure;
        if (error is not null)
        {
            await RefuseAsync(context, error).ConfigureAwait(false);
            return;
        }

        var approvalKey = options.ApprovalKeys.Issue(owner);
        options.Counters.ApprovalKeys.Add();
        var offer = new JsonObject { [ServerEvent.Parameter] = ServerEvent.Version };
        await WriteAsync(
            context, StatusCodes.Status200OK, new() { ["approval_key"] = approvalKey, [ServerEvent.Offer] = offer }).ConfigureAwait(false);
    }

    public async Task IssueTokenAsync(HttpContext context)
    {
        if (await ReadAsync(context, "appsecret").ConfigureAwait(false) is not { } request)
            return;
        if (request.Check(options.Credentials, context.Connection.RemoteIpAddress, out _) is { } error)
        {
            await RefuseAsync(context, error).ConfigureAwait(false);
            return;
        }

        var expires = KoreaTime.From(options.TimeProvider.GetUtcNow() + ApprovalKeys.Lifetime);
        await WriteAsync(context, StatusCodes.Status200OK, new()
        {
            ["access_token"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes)),
            ["access_token_token_expired"] = expires.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)ApprovalKeys.Lifetime.TotalSeconds,
        }).ConfigureAwait(false);
    }

    public async Task RevokeTokenAsync(HttpContext context)
    {
        if (await ReadAsync(context, "appsecret").ConfigureAwait(false) is not { } request)
            return;
        if (request.CheckRevocation(options.Credentials, context.Connection.RemoteIpAddress) is { } error)
        {
            await RefuseAsync(context, error).ConfigureAwait(false);
        }
        else
        {
            await WriteAsync(
                context,
                StatusCodes.Status200OK,
                new() { ["code"] = StatusCodes.Status200OK, ["message"] = "접근토큰 폐기에 성공하였습니다" }).ConfigureAwait(false);
        }
    }

    /// <summary>Answers an unknown path with the broker's JSON, because clients parse every response as JSON.</summary>
    public static Task AnswerUnknownPathAsync(HttpContext context)
    {
        const string Code = "EGW00202";
        const string Text = "GW라우팅 중 오류가 발생했습니다.";
        return context.Request.Path.StartsWithSegments(PathPrefix, StringComparison.OrdinalIgnoreCase)
            ? WriteAsync(context, StatusCodes.Status404NotFound, new() { ["error_code"] = Code, ["error_description"] = Text })
            : WriteAsync(context, StatusCodes.Status404NotFound, new() { ["rt_cd"] = "1", ["msg_cd"] = Code, ["msg1"] = Text });
    }

    // Refuses an invalid request.
    private async Task<OAuthRequest?> ReadAsync(HttpContext context, string secretName)
    {
        if (Gate?.Check(context) is { } refusal)
        {
            await refusal.WriteAsync(context).ConfigureAwait(false);
            return null;
        }

        OAuthRequest? request = null;
        try
        {
            request = await OAuthRequest.TryReadAsync(context.Request.Body, secretName, context.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status400BadRequest)
        {
            // The chunks or the length are wrong. Clients parse every response as JSON.
        }

        if (request is null)
            await RefuseAsync(context, OAuthError.InvalidRequest).ConfigureAwait(false);
        return request;
    }

    private async Task RefuseAsync(HttpContext context, OAuthError error)
    {
        ServerLog.ApprovalRefused(options.Logger, error.Code);
        await WriteAsync(
            context, error.Status, new() { ["error_code"] = error.Code, ["error_description"] = error.Description }).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext context, int status, JsonObject answer)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, s_options))
            answer.WriteTo(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }
}
