using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>Somebody who looks at the page. Whatever the page complains of, or asks of anybody but the gateway, is noted.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _origin;
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly List<string> _expected = [];

    private Viewer(IBrowserContext context, IPage page, string origin)
    {
        _context = context;
        Page = page;
        _origin = origin;
        page.Console += (_, message) => Hear(message);
        page.PageError += (_, error) => _complaints.Enqueue($"uncaught: {error}");
        page.Request += (_, request) => Check(request.Url);
        page.WebSocket += (_, socket) => Check(socket.Url);
    }

    public IPage Page { get; }

    /// <summary>What no page should have done; without what was expected.</summary>
    public IReadOnlyList<string> Complaints => [.. _complaints.Where(text => !_expected.Exists(part => text.Contains(part, StringComparison.Ordinal)))];

    /// <summary>Whether the page's connection to the gateway stands, and how.</summary>
    public ILocator Connection => Page.Locator("#connection");

    public ILocator News => Page.Locator("#news");

    public ILocator Add => Page.Locator("#add");

    public ILocator Suggestions => Page.Locator("#suggestions [role=option]");

    public ILocator Chips => Page.Locator("#watchlist li[data-target]");

    public ILocator Root => Page.Locator("html");

    /// <summary>Opens the page with a profile of its own.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="address">Where the gateway is.</param>
    /// <param name="view">What it is looked at with.</param>
    /// <param name="path">What stands behind the gateway's address.</param>
    public static async Task<Viewer> OpenAsync(IBrowser browser, Uri address, View view, string path = "/")
    {
        var context = await browser.NewContextAsync(view.ToOptions());
        context.SetDefaultTimeout((float)Patience.Limit.TotalMilliseconds);
        var viewer = new Viewer(context, await context.NewPageAsync(), address.GetLeftPart(UriPartial.Authority));
        var answer = await viewer.Page.GotoAsync(viewer._origin + path);
        (answer?.Headers.GetValueOrDefault("content-type") ?? "").ShouldStartWith("text/html", Case.Sensitive, "the dashboard is left out of this build: install Node.js 20.19 or newer and build again");
        return viewer;
    }

    /// <summary>A card of an index.</summary>
    public ILocator Index(string code) => Page.Locator($"article[data-key='H0UPCNT0:{code}']");

    /// <summary>The chart of an index.</summary>
    public ILocator Chart(string code) => Index(code).Locator("figure.chart");

    public ILocator Program(string code) => Page.Locator($"#programs tr[data-code='{code}']");

    public ILocator Bond(string code) => Page.Locator($"#bonds tr[data-key='H0BJCNT0:{code}']");

    public ILocator Orders => Page.Locator("#orders tr[data-order]");

    /// <summary>A figure of the feed's health.</summary>
    public ILocator Health(string field) => Field(Page.Locator("#health"), field);

    /// <summary>A value within something.</summary>
    public static ILocator Field(ILocator within, string name) => within.Locator($"[data-field='{name}']");

    /// <summary>Waits until data come.</summary>
    public async Task LiveAsync()
    {
        await Expect(Connection).ToHaveAttributeAsync("data-state", "open");
        await Expect(Field(Page.Locator("article[data-key]").First, "price")).Not.ToHaveTextAsync("–");
    }

    /// <summary>Waits until a value is another than it is now.</summary>
    public static async Task ChangesAsync(ILocator value) => await Expect(value).Not.ToHaveTextAsync(await value.InnerTextAsync());

    /// <summary>Says that the browser may complain of something that a test brings about, in words of its own.</summary>
    public void Expecting(params string[] partsOfComplaints) => _expected.AddRange(partsOfComplaints);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Hear(IConsoleMessage message)
    {
        if (message.Type is "error" or "warning")
            _complaints.Enqueue($"console {message.Type}: {message.Text} ({message.Location})");
    }

    private void Check(string url)
    {
        var own = url.StartsWith("ws", StringComparison.Ordinal) ? $"http{url[2..]}" : url;
        if (!own.StartsWith($"{_origin}/", StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("blob:", StringComparison.Ordinal))
            _complaints.Enqueue($"asked somebody else: {url}");
    }
}
