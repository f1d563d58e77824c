using System.Buffers;
using System.Globalization;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace KisFeed.Gateway;

/// <summary>Why a request was not answered as it was wished, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">What is wrong, for programs: a word in camel case that stays what it is.</param>
/// <param name="Detail">What is wrong and what to do, for people. Must hold nothing secret, and no HTS ID.</param>
internal sealed record Problem(int Status, string Code, string Detail)
{
    /// <summary>Seconds after which it is worth while to try again; <see langword="null"/> where that is not known.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Answers a request with this.</summary>
    public Task WriteAsync(HttpContext context)
    {
        if (RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return WebAnswer.WriteAsync(context, Status, "application/problem+json; charset=utf-8", Write());
    }

    private ReadOnlyMemory<byte> Write()
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(Status));
            json.WriteNumber("status"u8, Status);
            json.WriteString("code"u8, Code);
            json.WriteString("detail"u8, Detail);
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        return body.WrittenMemory;
    }
}
