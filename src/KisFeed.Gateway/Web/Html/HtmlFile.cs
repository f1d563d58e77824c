using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web.Html;

/// <summary>A file of the dashboard: the page itself, or one of its assets.</summary>
internal sealed class HtmlFile : IResult
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // All features that browsers know, because there is no wildcard. An unknown name causes a warning in the browser's console.
    private const string PermissionsPolicy =
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), "
        + "fullscreen=(), geolocation=(), gamepad=(), gyroscope=(), hid=(), idle-detection=(), "
        + "local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), "
        + "screen-wake-lock=(), serial=(), storage-access=(), usb=(), window-management=(), "
        + "xr-spatial-tracking=()";

    // The page is revalidated each time by its entity tag. The names of its assets change with their content.
    private const string PageCaching = "no-cache";
    private const string AssetCaching = "public, max-age=31536000, immutable";

    private readonly byte[] _body;
    private readonly string _contentType;
    private readonly EntityTag _tag;
    private readonly bool _isPage;

    public HtmlFile(string name, byte[] body, bool isPage)
    {
        _isPage = isPage;
        _body = body;
        _contentType = TypeOf(Path.GetExtension(name));
        _tag = new EntityTag(body);
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var headers = response.Headers;
        headers.CacheControl = _isPage ? PageCaching : AssetCaching;
        if (_isPage)
        {
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers["Permissions-Policy"] = PermissionsPolicy;
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        }

        if (_tag.Answers(httpContext))
            return;

        response.ContentType = _contentType;
        response.ContentLength = _body.Length;
        await response.Body.WriteAsync(_body, httpContext.RequestAborted).ConfigureAwait(false);
    }

    private static string TypeOf(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" => "application/json; charset=utf-8",
        ".webmanifest" => "application/manifest+json; charset=utf-8",
        ".svg" => "image/svg+xml; charset=utf-8",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
