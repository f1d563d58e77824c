using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Html;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>One gateway for all tests of a class that need no options of their own, with a small page and an allowed origin.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    /// <summary>The allowed origin.</summary>
    public const string Charts = "https://charts.example";

    private TestGateway? _gateway;

    /// <summary>The files of the page.</summary>
    internal static HtmlFiles Html { get; } = new(new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["index.html"] = "<!doctype html><title>시세</title><script src=\"./assets/index-abc123.js\"></script>"u8.ToArray(),
        ["assets/index-abc123.js"] = "export {};"u8.ToArray(),
        ["assets/index-abc123.css"] = "a{}"u8.ToArray(),
        ["assets/icon-abc123.svg"] = "<svg/>"u8.ToArray(),
        ["assets/names-abc123.json"] = "{}"u8.ToArray(),
        ["assets/kisfeed-abc123.webmanifest"] = "{}"u8.ToArray(),
        ["assets/digits-abc123.woff2"] = [1, 2, 3],
        ["secret.txt"] = "not of the page"u8.ToArray(),
    });

    public async ValueTask InitializeAsync() =>
        _gateway = await TestGateway.OpenAsync(with: options => options with { Html = Html, AllowedOrigins = [Charts] });

    /// <summary>The gateway, which counts the refusals of this test.</summary>
    internal TestGateway BeginTest()
    {
        _gateway!.BeginTest();
        return _gateway;
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }
}
