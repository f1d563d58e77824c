using System.Buffers;
using System.Text;
using System.Text.Json;
using KisFeed.Output;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Http;

/// <summary>A response of the HTTP API. Responses must not be cached, and pages of other origins cannot use them.</summary>
internal sealed class WebAnswer(string contentType, ReadOnlyMemory<byte> body, int status = StatusCodes.Status200OK) : IResult
{
    public const string JsonType = "application/json; charset=utf-8";

    public static WebAnswer Text(string text) => new("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>One JSON value.</summary>
    /// <param name="write">Writes the value.</param>
    /// <param name="isIndented">Whether to indent it for people; not for long values.</param>
    public static WebAnswer Json(Action<Utf8JsonWriter> write, bool isIndented = true) => new(JsonType, BodyOf(write, isIndented));

    public static ReadOnlyMemory<byte> BodyOf(Action<Utf8JsonWriter> write, bool isIndented)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions with { Indented = isIndented }))
            write(json);
        body.Write("\n"u8);
        return body.WrittenMemory;
    }

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

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        Prepare(response);
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
    }
}
