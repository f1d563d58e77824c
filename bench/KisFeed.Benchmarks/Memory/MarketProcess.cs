using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace KisFeed.Benchmarks.Memory;

/// <summary>A <see cref="PacedMarket"/> in a process of its own, so that what this one takes is the client's.</summary>
internal sealed class MarketProcess : IAsyncDisposable
{
    private readonly Process _process;

    private MarketProcess(Process process, int port)
    {
        _process = process;
        Url = new Uri($"ws://127.0.0.1:{port}");
    }

    public Uri Url { get; }

    /// <summary>Starts one; it listens when the task completes.</summary>
    /// <param name="rate">Frames a second.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<MarketProcess> StartAsync(double rate, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "KisFeed.Benchmarks.dll"), PacedMarket.Verb, rate.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("the market did not start: it says why above");
            using var address = JsonDocument.Parse(line);
            return new MarketProcess(process, address.RootElement.GetProperty("port").GetInt32());
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
