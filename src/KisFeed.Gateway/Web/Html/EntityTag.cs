using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Web.Html;

/// <summary>The entity tag of a content, with which clients ask whether what they have is still current.</summary>
internal sealed class EntityTag(ReadOnlySpan<byte> content)
{
    private const int TagBytes = 16;

    private readonly EntityTagHeaderValue _value =
        new($"\"{Base64Url.EncodeToString(SHA256.HashData(content).AsSpan(0, TagBytes))}\"");

    /// <summary>
    /// Sets the tag of the response. If the client has the content already, the status is 304, and the body must be left out.
    /// </summary>
    /// <returns>Whether the client has the content.</returns>
    public bool Answers(HttpContext context)
    {
        context.Response.Headers.ETag = _value.ToString();
        var isKnown = EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known)
            && known.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(_value, useStrongComparison: false));
        if (isKnown)
            context.Response.StatusCode = StatusCodes.Status304NotModified;
        return isKnown;
    }
}
