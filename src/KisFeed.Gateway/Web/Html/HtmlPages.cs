using System.Buffers.Text;
using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KisFeed.Gateway.Web.Html;

/// <summary>
/// <c>/</c> for browsers: the dashboard; and <c>/assets/{file}</c>, its files. They contain no data and need no credentials. The page requests its
/// data with credentials of its own.
/// </summary>
internal sealed class HtmlPages(HtmlFiles files)
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // All features that browsers know, because there is no wildcard. An unknown name causes a warning in the browser's console.
    private const string PermissionsPolicy =
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gamepad=(), gyroscope=(), hid=(), idle-detection=(), "
        + "local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), window-management=(), "
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

/// <summary>The files of the dashboard by name. Only these can be requested. Empty if the gateway was built without the dashboard.</summary>
internal sealed class HtmlFiles
{
    private const string Prefix = "KisFeed.Gateway.dashboard/";
    private const string PageName = "index.html";
    private const string AssetFolder = "assets/";

    private readonly FrozenDictionary<string, HtmlFile> _assets;

    /// <summary>Creates the set from files in memory.</summary>
    public HtmlFiles(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var all = files.Select(file => KeyValuePair.Create(file.Key, new HtmlFile(file.Key, file.Value))).ToDictionary(StringComparer.Ordinal);
        Page = all.GetValueOrDefault(PageName);
        _assets = all.Where(file => file.Key.StartsWith(AssetFolder, StringComparison.Ordinal)).ToFrozenDictionary(file => file.Key[AssetFolder.Length..], file => file.Value, StringComparer.Ordinal);
    }

    /// <summary>The embedded files.</summary>
    public static HtmlFiles BuiltIn { get; } = new(Read(typeof(HtmlFiles).Assembly));

    /// <summary>The page; <see langword="null"/> if there is none.</summary>
    public HtmlFile? Page { get; }

    /// <summary>Finds an asset by its name; <see langword="null"/> if there is none.</summary>
    public HtmlFile? FindAsset(string name) => _assets.GetValueOrDefault(name);

    private static IEnumerable<KeyValuePair<string, byte[]>> Read(Assembly assembly)
    {
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            var body = new byte[resource.Length];
            resource.ReadExactly(body);
            yield return KeyValuePair.Create(name[Prefix.Length..], body);
        }
    }
}

/// <summary>A file of the dashboard: the page itself, or one of its assets.</summary>
internal sealed class HtmlFile
{
    private const int TagBytes = 16;

    private readonly byte[] _body;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _tag;

    /// <summary>Creates a file.</summary>
    public HtmlFile(string name, byte[] body)
    {
        _body = body;
        _contentType = TypeOf(Path.GetExtension(name));
        _tag = new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, TagBytes))}\"");
    }

    /// <summary>Sends the file, or 304 if the client has it already.</summary>
    public async Task WriteAsync(HttpContext context, string cacheControl)
    {
        var response = context.Response;
        response.Headers.CacheControl = cacheControl;
        response.Headers.ETag = _tag.ToString();
        if (Has(context.Request))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = _contentType;
        response.ContentLength = _body.Length;
        await response.Body.WriteAsync(_body, context.RequestAborted).ConfigureAwait(false);
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

    private bool Has(HttpRequest request) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known) && known.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(_tag, useStrongComparison: false));
}
