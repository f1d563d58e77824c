using System.Globalization;
using System.Text.Json;
using KisFeed.Client;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace KisFeed.Gateway.Http;

/// <summary>Why a request failed, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">What is wrong, for programs: a stable word in camel case.</param>
/// <param name="Detail">What is wrong and what to do, for people. Must contain no secrets and no HTS ID.</param>
internal sealed record Problem(int Status, string Code, string Detail)
{
    /// <summary>Seconds to wait before a retry; <see langword="null"/> if unknown.</summary>
    public int? RetryAfter { get; init; }

    public Task WriteAsync(HttpContext context)
    {
        if (RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        // WebSocket clients do not show the body.
        if (WebSocketHandshake.IsRequested(context))
            context.Response.Headers[MessageSocket.ProblemHeader] = Uri.EscapeDataString(Detail);
        return WebAnswer.WriteAsync(context, Status, "application/problem+json; charset=utf-8", WebAnswer.BodyOf(Write, isIndented: false));
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
