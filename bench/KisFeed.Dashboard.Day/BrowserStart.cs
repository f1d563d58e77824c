using Microsoft.Playwright;

namespace KisFeed.Dashboard.Day;

/// <summary>Starts the installed Chromium; none is downloaded.</summary>
internal static class BrowserStart
{
    private const string PathVariable = "KISFEED_CHROMIUM";

    private static readonly string[] s_knownPaths =
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

    /// <summary>Starts Chromium without a window.</summary>
    /// <exception cref="FileNotFoundException">Chromium was not found.</exception>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Find(),
        Headless = true,
        ChromiumSandbox = !Environment.IsPrivilegedProcess, // The sandbox does not work for root.
        Args =
        [
            "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--renderer-process-limit=1", "--disable-features=IsolateOrigins,site-per-process,Translate,OptimizationHints,MediaRouter",
        ],
    });

    private static string Find() =>
        s_knownPaths.Prepend(Environment.GetEnvironmentVariable(PathVariable)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException(
            $"Chromium was not found: install the package chromium (Debian), or set {PathVariable} to its path");
}
