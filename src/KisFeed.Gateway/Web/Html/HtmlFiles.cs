using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web.Html;

/// <summary>
/// The files of the dashboard by name. Only these can be requested. Empty if the gateway was built without the dashboard.
/// </summary>
internal sealed class HtmlFiles
{
    private const string Prefix = "KisFeed.Gateway.dashboard/";
    private const string PageName = "index.html";
    private const string AssetFolder = "assets/";

    private readonly FrozenDictionary<string, HtmlFile> _assets;

    public HtmlFiles(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var contents = files.ToDictionary(StringComparer.Ordinal);
        var all = contents.ToDictionary(
            file => file.Key, file => new HtmlFile(file.Key, file.Value, file.Key == PageName), StringComparer.Ordinal);
        Page = all.GetValueOrDefault(PageName);
        StockPage = contents.TryGetValue(PageName, out var page) ? new HtmlFile(PageName, OneFolderDown(page), isPage: true) : null;
        _assets = all.Where(file => file.Key.StartsWith(AssetFolder, StringComparison.Ordinal))
            .ToFrozenDictionary(file => file.Key[AssetFolder.Length..], file => file.Value, StringComparer.Ordinal);
    }

    public static HtmlFiles BuiltIn { get; } = new(Read(typeof(HtmlFiles).Assembly));

    /// <summary>The page for browsers, which requests its data with its own credentials; <see langword="null"/> if there is none.</summary>
    public HtmlFile? Page { get; }

    /// <summary>The same page for <c>/stock/{code}</c>, from where its assets are one folder up.</summary>
    public HtmlFile? StockPage { get; }

    /// <summary><c>/assets/{file}</c>. They contain no data and need no credentials.</summary>
    public IResult Asset(HttpContext context)
    {
        if (_assets.TryGetValue((string)context.Request.RouteValues["file"]!, out var asset))
            return asset;
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Results.Empty;
    }

    // Addresses stay relative, so that a proxy can serve the gateway below a path of its own.
    private static byte[] OneFolderDown(byte[] page) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(page).Replace("\"./", "\"../", StringComparison.Ordinal));

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
