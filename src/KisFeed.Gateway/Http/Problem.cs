using System.Globalization;
using System.Text.Json;
using KisFeed.Client;
using KisFeed.Gateway.Consumers;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace KisFeed.Gateway.Http;

/// <summary>Why a request failed, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">What is wrong, for programs: a stable word in camel case.</param>
/// <param name="Detail">What is wrong and what to do, for people. Must contain no secrets and no HTS ID.</param>
internal sealed record Problem(int Status, string Code, string Detail) : IResult
{
    /// <summary>The reason by which it is counted as a refusal; <see langword="null"/> if it is not counted.</summary>
    public AccessRefusalReason? Refusal { get; init; }

    /// <summary>Seconds to wait before a retry; <see langword="null"/> if unknown.</summary>
    public int? RetryAfter { get; init; }

    public static Problem Malformed(string code, string detail, int status = StatusCodes.Status400BadRequest) =>
        new(status, code, detail) { Refusal = AccessRefusalReason.Malformed };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        if (RetryAfter is { } seconds)
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        // WebSocket clients do not show the body.
        if (WebSocketHandshake.IsRequested(httpContext))
            headers[MessageSocket.ProblemHeader] = Uri.EscapeDataString(Detail);
        return new WebAnswer("application/problem+json; charset=utf-8", WebAnswer.BodyOf(Write, isIndented: false), Status)
            .ExecuteAsync(httpContext);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(Status));
        json.WriteNumber("status"u8, Status);
        json.WriteString("code"u8, Code);
        json.WriteString("detail"u8, Detail);
        json.WriteEndObject();
    }
}
