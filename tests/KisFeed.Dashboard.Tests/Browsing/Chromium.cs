using KisFeed.Dashboard.Day;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>One browser for all tests; each test has its own profile.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser!;

    public async ValueTask InitializeAsync()
    {
        SetDefaultExpectTimeout((float)Patience.Limit.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await BrowserStart.LaunchAsync(_playwright);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
