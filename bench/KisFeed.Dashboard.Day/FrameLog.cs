using System.Text.Json;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Day;

/// <summary>Measures the animation frames of a page, in constant memory.</summary>
internal static class FrameLog
{
    // A histogram with steps of 0.1 ms; the last bucket counts all longer frames.
    private const string Script =
        """
        (() => {
          const counts = new Uint32Array(20000);
          const log = { counts, longest: 0, total: 0, slow: 0, work: 0, worst: 0, since: Infinity };
          let last = null;
          const frame = (now) => {
            if (last !== null && last >= log.since) {
              const took = now - last;
              counts[Math.min(counts.length - 1, Math.round(took * 10))]++;
              log.total++;
              if (took > 50) log.slow++;
              if (took > log.longest) log.longest = took;
            }
            last = now;
            requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
          const kind = PerformanceObserver.supportedEntryTypes.includes('long-animation-frame') ? 'long-animation-frame' : 'longtask';
          new PerformanceObserver((list) => {
            for (const { startTime, duration } of list.getEntries()) {
              if (startTime < log.since) continue;
              log.work++;
              if (duration > log.worst) log.worst = duration;
            }
          }).observe({ type: kind });
          globalThis.__frames = log;
        })()
        """;

    /// <summary>Installs the script, before the page is opened.</summary>
    public static Task AttachAsync(IPage page) => page.AddInitScriptAsync(Script);

    /// <summary>Starts or pauses the log: measurements and their forced collections must not be counted.</summary>
    public static Task SetEnabledAsync(IPage page, bool isEnabled) =>
        page.EvaluateAsync("isNoting => { __frames.since = isNoting ? performance.now() + 500 : Infinity }", isEnabled);

    /// <summary>Reads the log.</summary>
    public static async Task<FrameTimes> ReadAsync(IPage page)
    {
        var log = await page.EvaluateAsync<JsonElement>("() => ({ ...__frames, counts: [...__frames.counts] })");
        int[] counts = [.. log.GetProperty("counts").EnumerateArray().Select(count => count.GetInt32())];
        return new FrameTimes
        {
            Frames = log.GetProperty("total").GetInt32(),
            Median = Quantile(counts, 0.5),
            P99 = Quantile(counts, 0.99),
            Longest = log.GetProperty("longest").GetDouble(),
            Over50 = log.GetProperty("slow").GetInt32(),
            LongTasks = log.GetProperty("work").GetInt32(),
            LongestTask = log.GetProperty("worst").GetDouble(),
        };
    }

    private static double Quantile(int[] counts, double share)
    {
        var left = counts.Sum() * share;
        for (var i = 0; i < counts.Length; i++)
        {
            left -= counts[i];
            if (left <= 0)
                return i / 10.0;
        }

        return 0;
    }
}
