using Microsoft.Playwright;

namespace KisFeed.Dashboard.Day;

/// <summary>Starts the Chromium that is installed: none is fetched.</summary>
internal static class BrowserStart
{
    private const string PathVariable = "KISFEED_CHROMIUM";

    private static readonly string[] s_usualPlaces =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

    /// <summary>Starts it without a window.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Find(),
        Headless = true,
        ChromiumSandbox = !Environment.IsPrivilegedProcess, // It does not work for root.
        Args = ["--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--renderer-process-limit=1", "--disable-features=IsolateOrigins,site-per-process,Translate,OptimizationHints,MediaRouter"],
    });

    private static string Find() =>
        s_usualPlaces.Prepend(Environment.GetEnvironmentVariable(PathVariable)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"there is no Chromium to show the dashboard with: install the package chromium (Debian), or set {PathVariable} to the path of one");
}
