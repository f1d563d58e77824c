using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>
/// The dashboard in a browser tab. Collects the page's errors and warnings, and its requests to hosts other than the gateway.
/// </summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _origin;
    private readonly ConcurrentQueue<string> _problems = [];
    private readonly List<string> _expected = [];

    private Viewer(IBrowserContext context, IPage page, string origin)
    {
        _context = context;
        Page = page;
        _origin = origin;
        page.Console += (_, message) => OnConsole(message);
        page.PageError += (_, error) => _problems.Enqueue($"uncaught: {error}");
        page.Request += (_, request) => CheckOrigin(request.Url);
        page.WebSocket += (_, socket) => CheckOrigin(socket.Url);
    }

    public IPage Page { get; }

    /// <summary>Errors, warnings and foreign requests, except the expected ones.</summary>
    public IReadOnlyList<string> Problems =>
        [.. _problems.Where(text => !_expected.Exists(part => text.Contains(part, StringComparison.Ordinal)))];

    /// <summary>The state of the page's connection to the gateway.</summary>
    public ILocator Connection => Page.Locator("#connection");

    public ILocator Notification => Page.Locator("#notification");

    public ILocator SearchInput => Page.Locator("#add");

    public ILocator Suggestions => Page.Locator("#suggestions [role=option]");

    public ILocator Chips => Page.Locator("#watchlist li[data-target]");

    public ILocator Root => Page.Locator("html");

    /// <summary>Opens the page in a new profile.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="address">The address of the gateway.</param>
    /// <param name="view">The browser's settings.</param>
    /// <param name="path">The path and fragment of the page.</param>
    public static async Task<Viewer> OpenAsync(IBrowser browser, Uri address, View view, string path = "/")
    {
        var context = await browser.NewContextAsync(view.ToOptions());
        context.SetDefaultTimeout((float)Patience.Limit.TotalMilliseconds);
        var viewer = new Viewer(context, await context.NewPageAsync(), address.GetLeftPart(UriPartial.Authority));
        var answer = await viewer.Page.GotoAsync(viewer._origin + path);
        (answer?.Headers.GetValueOrDefault("content-type") ?? "")
            .ShouldStartWith("text/html", Case.Sensitive, "this build has no dashboard: install Node.js 20.19 or newer and build again");
        return viewer;
    }

    /// <summary>The card of an index.</summary>
    public ILocator Index(string code) => Page.Locator($"article[data-key='H0UPCNT0:{code}']");

    /// <summary>The chart of an index.</summary>
    public ILocator Chart(string code) => Index(code).Locator("figure.chart");

    /// <summary>The row of a stock among the watched ones.</summary>
    public ILocator Stock(string code) => Page.Locator($"#stocks tr[data-key='H0UNCNT0:{code}']");

    public ILocator Program(string code) => Page.Locator($"#programs tr[data-code='{code}']");

    public ILocator Bond(string code) => Page.Locator($"#bonds tr[data-key='H0BJCNT0:{code}']");

    public ILocator Orders => Page.Locator("#orders tr[data-order]");

    /// <summary>A figure of the details of the state of the data, which <see cref="OpenHealthAsync"/> opens.</summary>
    public ILocator Health(string field) => Field(Page.Locator("#health"), field);

    /// <summary>A part of the line with the state of the data.</summary>
    public ILocator HealthLine(string part) => Page.Locator($"#health-open [data-part='{part}'] b");

    /// <summary>Opens the details of the state of the data, with those of the gateway's operation.</summary>
    public async Task OpenHealthAsync()
    {
        await Page.ClickAsync("#health-open");
        await Page.ClickAsync("#operation summary");
        await Expect(Health("slots")).ToBeVisibleAsync();
    }

    /// <summary>A field within an element.</summary>
    public static ILocator Field(ILocator within, string name) => within.Locator($"[data-field='{name}']");

    /// <summary>Waits until the page is connected and shows a price.</summary>
    public async Task WaitForDataAsync()
    {
        await Expect(Connection).ToHaveAttributeAsync("data-state", "open");
        await Expect(Field(Page.Locator("article[data-key]").First, "price")).Not.ToHaveTextAsync("–");
    }

    /// <summary>Waits until the text of an element changes.</summary>
    public static async Task WaitForChangeAsync(ILocator value) => await Expect(value).Not.ToHaveTextAsync(await value.InnerTextAsync());

    /// <summary>Excludes problems that a test causes from <see cref="Problems"/>, by parts of their texts.</summary>
    public void ExpectProblems(params string[] partsOfProblems) => _expected.AddRange(partsOfProblems);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void OnConsole(IConsoleMessage message)
    {
        if (message.Type is "error" or "warning")
            _problems.Enqueue($"console {message.Type}: {message.Text} ({message.Location})");
    }

    private void CheckOrigin(string url)
    {
        var own = url.StartsWith("ws", StringComparison.Ordinal) ? $"http{url[2..]}" : url;
        if (!own.StartsWith($"{_origin}/", StringComparison.Ordinal)
            && !url.StartsWith("data:", StringComparison.Ordinal)
            && !url.StartsWith("blob:", StringComparison.Ordinal))
        {
            _problems.Enqueue($"request to another host: {url}");
        }
    }
}
