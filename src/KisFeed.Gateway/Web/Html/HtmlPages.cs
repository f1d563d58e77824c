using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web.Html;

/// <summary>
/// <c>/</c> for browsers: the dashboard; and <c>/assets/{file}</c>, its files. They contain no data and need no credentials. The page
/// requests its data with credentials of its own.
/// </summary>
internal sealed class HtmlPages(HtmlFiles files)
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

    /// <summary>Whether there is a dashboard.</summary>
    public bool HasPage => files.Page is not null;

    public Task AnswerPageAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Permissions-Policy"] = PermissionsPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return files.Page!.WriteAsync(context, PageCaching);
    }

    public Task AnswerAssetAsync(HttpContext context)
    {
        if (files.FindAsset((string)context.Request.RouteValues["file"]!) is { } asset)
            return asset.WriteAsync(context, AssetCaching);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
