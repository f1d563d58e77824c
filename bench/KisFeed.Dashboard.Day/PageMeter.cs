using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Day;

/// <summary>Measures the memory of a page with the browser's debugging protocol.</summary>
internal sealed class PageMeter
{
    private readonly ICDPSession _page;
    private readonly ICDPSession _browser;

    private PageMeter(ICDPSession page, ICDPSession browser)
    {
        _page = page;
        _browser = browser;
    }

    /// <summary>Attaches to a page.</summary>
    public static async Task<PageMeter> OpenAsync(IBrowser browser, IPage page)
    {
        var meter = new PageMeter(await page.Context.NewCDPSessionAsync(page), await browser.NewBrowserCDPSessionAsync());
        await meter._page.SendAsync("HeapProfiler.enable");
        return meter;
    }

    /// <summary>Measures the page.</summary>
    public async Task<PageSize> MeasureAsync(TimeOnly at)
    {
        // Twice: objects held only by finalizers are freed the second time.
        await _page.SendAsync("HeapProfiler.collectGarbage");
        await _page.SendAsync("HeapProfiler.collectGarbage");
        var heap = await RequestAsync(_page, "Runtime.getHeapUsage");
        var counters = await RequestAsync(_page, "Memory.getDOMCounters");
        return new PageSize(
            at, (long)heap.GetProperty("usedSize").GetDouble(), await ProcessAsync(), counters.GetProperty("nodes").GetInt32(),
            counters.GetProperty("jsEventListeners").GetInt32());
    }

    private static async Task<JsonElement> RequestAsync(ICDPSession session, string method) => (await session.SendAsync(method))!.Value;

    // The page's process is the largest renderer; the browser keeps an empty one in reserve.
    private async Task<long?> ProcessAsync()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var processes = await RequestAsync(_browser, "SystemInfo.getProcessInfo");
        return processes.GetProperty("processInfo").EnumerateArray()
            .Where(process => process.GetProperty("type").GetString() == "renderer")
            .Max(process => SizeOf(process.GetProperty("id").GetInt32()));
    }

    private static long? SizeOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/smaps_rollup")
                .FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null
                ? null
                : long.Parse(line.AsSpan(4).TrimEnd("kB ").Trim(), NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>The memory of a page after a garbage collection.</summary>
/// <param name="At">The market's time of day.</param>
/// <param name="Heap">Bytes of JavaScript objects.</param>
/// <param name="Process">Bytes of its process's memory, with a proportional part of shared pages;
/// <see langword="null"/> if not available.</param>
/// <param name="Nodes">Nodes of the document, detached ones included.</param>
/// <param name="Listeners">Event listeners.</param>
internal sealed record PageSize(TimeOnly At, long Heap, long? Process, int Nodes, int Listeners);

/// <summary>Intervals between animation frames, in milliseconds; 16.7 at 60 Hz.</summary>
internal sealed record FrameTimes
{
    public required int Frames { get; init; }

    public required double Median { get; init; }

    public required double P99 { get; init; }

    public required double Longest { get; init; }

    /// <summary>Frames that took longer than 50 ms.</summary>
    public required int Over50 { get; init; }

    /// <summary>Frames in which the page's own work took longer than 50 ms, as reported by the browser.</summary>
    public required int LongTasks { get; init; }

    /// <summary>The longest of those.</summary>
    public required double LongestTask { get; init; }
}
