using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/</c> for browsers: the dashboard; and <c>/assets/{file}</c>, what it needs. Neither holds any data: they are for whoever comes, and what the page shows it asks for with credentials of its own.
/// </summary>
internal sealed class HtmlPages(HtmlFiles files)
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // All that browsers know of, since there is no word for everything; a name that one does not know is a warning on its console.
    private const string PermissionsPolicy =
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gamepad=(), gyroscope=(), hid=(), idle-detection=(), "
        + "local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), window-management=(), "
        + "xr-spatial-tracking=()";

    // The page is asked for anew each time, by its tag. The name of what it needs changes with what is in it.
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
