using System.Runtime.CompilerServices;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Tests.Architecture;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

/// <summary>What tests of the page have in common.</summary>
[Collection(ChromiumGroup.Name)]
public abstract class DashboardTests(Chromium chromium)
{
    private static readonly string s_screenshots = Path.Combine(RepositoryRoot.Path, "artifacts", "screenshots");

    /// <summary>Opens the page, does something with it, and sees to it that nothing went wrong behind the scenes. What a failed test saw last is kept.</summary>
    private protected async Task LookAsync(DashboardHost host, Func<Viewer, Task> look, View? view = null, string path = "/", [CallerMemberName] string test = "")
    {
        await using var viewer = await OpenAsync(host, view, path);
        try
        {
            await look(viewer);
            viewer.Complaints.ShouldBeEmpty();
        }
        catch
        {
            await ShootAsync(viewer, Path.Combine("failed", $"{GetType().Name}.{test}"));
            throw;
        }
    }

    /// <summary>Opens the page for one more.</summary>
    private protected Task<Viewer> OpenAsync(DashboardHost host, View? view = null, string path = "/") => Viewer.OpenAsync(chromium.Browser, host.Address, view ?? View.Desktop, path);

    /// <summary>Takes a picture of the whole page into <c>artifacts/screenshots/</c>.</summary>
    private protected static Task ShootAsync(Viewer viewer, string name) =>
        viewer.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(s_screenshots, $"{name}.png"), FullPage = true });
}
