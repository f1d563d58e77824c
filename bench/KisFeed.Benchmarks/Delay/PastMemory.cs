using System.Diagnostics;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// Measures the memory of the gateway while one reader streams a long recording, as lines of a capture and as JSON. At each
/// tenth the reader stops for a while.
/// </summary>
internal static class PastMemory
{
    private const int Parts = 10;

    public static async Task<int> MeasureAsync(long frames, TimeSpan pause)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-past-");
        try
        {
            PastCapture.Write(folder.FullName, frames);
            await using var service = new StampedService(frames: 1, rate: 1);
            await service.StartAsync();
            await using var gateway = await GatewayProcess.StartAsync(service.Url, null, "--record", folder.FullName);
            await service.WaitForRegistrationAsync();
            Print($"{frames:N0} recorded frames to one reader, which stops for {pause.TotalSeconds:0} s after each tenth; "
                + "heap: after the last collection");
            Print($"{"format",-10}{"records",12}{"heap MiB",10}{"RSS MiB",10}{"peak MiB",10}{"records/s",12}");
            foreach (var isJson in (bool[])[false, true])
                await StreamAsync(gateway, isJson, frames, pause);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task StreamAsync(GatewayProcess gateway, bool isJson, long frames, TimeSpan pause)
    {
        using var stream = await PastStream.OpenAsync(gateway.Port, isJson);
        var (count, last, startedAt) = (0L, 0L, Stopwatch.GetTimestamp());
        for (var part = 1; part <= Parts; part++)
        {
            while (count < frames * part / Parts)
                count += await stream.ReadAsync();
            var rate = (count - last) / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;

            // The buffers of the connection fill, and the gateway waits.
            await Task.Delay(pause);
            Print($"{(isJson ? "JSON" : "lines"),-10}{count,12:N0}{await gateway.HeapAsync() / 1048576.0,10:0.0}"
                + $"{gateway.Process.Memory("VmRSS") / 1048576.0,10:0}{gateway.Process.Memory("VmHWM") / 1048576.0,10:0}{rate,12:N0}");
            (last, startedAt) = (count, Stopwatch.GetTimestamp());
        }

        while (!stream.IsLive)
            count += await stream.ReadAsync();
        if (count != frames)
            throw new InvalidOperationException($"{count} of {frames} records were read");
    }

    private static void Print(string line) => Console.WriteLine(line);
}
