using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/v1/openapi.json</c>: what there is, for programs. The document is written by hand, and a test holds every answer against it.</summary>
internal sealed class OpenApiPage
{
    private readonly byte[] _document = Read();

    public Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteAsync(context, StatusCodes.Status200OK, WebAnswer.Json, _document);

    private static byte[] Read()
    {
        using var resource = typeof(OpenApiPage).Assembly.GetManifestResourceStream("KisFeed.Gateway.openapi.json")!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
