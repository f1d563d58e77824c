using System.Buffers;
using System.Text;
using System.Text.Json;
using KisFeed.Output;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Http;

/// <summary>Writes the responses of the HTTP API. Responses must not be cached, and pages of other origins cannot use them.</summary>
internal static class WebAnswer
{
    public const string Json = "application/json; charset=utf-8";

    /// <summary>
    /// Sets the headers of every response. Must be called before the response is written; keeps a Vary header that is set already.
    /// </summary>
    public static void Prepare(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        if (response.Headers.Vary.Count == 0)
            response.Headers.Vary = HeaderNames.Origin;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Referrer-Policy"] = "no-referrer"; // A URL may contain an approval key.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
    }

    public static async Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        Prepare(response);
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    public static Task WriteTextAsync(HttpContext context, string text) =>
        WriteAsync(context, StatusCodes.Status200OK, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>Sends one JSON value.</summary>
    /// <param name="context">The request.</param>
    /// <param name="write">Writes the value.</param>
    /// <param name="isIndented">Whether to indent it for people; not for long values.</param>
    public static Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> write, bool isIndented = true) =>
        WriteAsync(context, StatusCodes.Status200OK, Json, BodyOf(write, isIndented));

    /// <summary>One JSON value and a line feed.</summary>
    public static ReadOnlyMemory<byte> BodyOf(Action<Utf8JsonWriter> write, bool isIndented)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions with { Indented = isIndented }))
            write(json);
        body.Write("\n"u8);
        return body.WrittenMemory;
    }
}
