using System.Runtime.CompilerServices;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests;

/// <summary>The base class of tests of the page.</summary>
[Collection(ChromiumGroup.Name)]
public abstract class DashboardTests(Chromium chromium)
{
    private static readonly string s_screenshots = Path.Combine(RepositoryRoot.Path, "artifacts", "screenshots");

    /// <summary>Opens the page, runs the test and asserts that the page had no problems. A failed test leaves a screenshot.</summary>
    private protected Task VisitAsync(
        DashboardHost host, Func<Viewer, Task> look, View? view = null, string path = "/", [CallerMemberName] string test = "") =>
        VisitAsync(host.Address, look, view, path, test);

    /// <summary>Opens a page of a gateway, runs the test and asserts that the page had no problems.</summary>
    private protected async Task VisitAsync(
        Uri gateway, Func<Viewer, Task> look, View? view = null, string path = "/", [CallerMemberName] string test = "")
    {
        await using var viewer = await OpenAsync(gateway, view, path);
        try
        {
            await look(viewer);
            viewer.Problems.ShouldBeEmpty();
        }
        catch
        {
            await ScreenshotAsync(viewer, Path.Combine("failed", $"{GetType().Name}.{test}"));
            throw;
        }
    }

    /// <summary>Opens the page without checks.</summary>
    private protected Task<Viewer> OpenAsync(DashboardHost host, View? view = null, string path = "/") =>
        OpenAsync(host.Address, view, path);

    /// <summary>Opens a page of a gateway without checks.</summary>
    private protected Task<Viewer> OpenAsync(Uri gateway, View? view = null, string path = "/") =>
        Viewer.OpenAsync(chromium.Browser, gateway, view ?? View.Desktop, path);

    /// <summary>Saves a screenshot of the whole page in <c>artifacts/screenshots/</c>.</summary>
    private protected static Task ScreenshotAsync(Viewer viewer, string name) =>
        viewer.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(s_screenshots, $"{name}.png"), FullPage = true });
}
