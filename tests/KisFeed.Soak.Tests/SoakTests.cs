using System.Diagnostics;
using System.Text.Json;
using KisFeed.Testing;

namespace KisFeed.Soak.Tests;

/// <summary>That the soak runs, and finds nothing, for a moment. How the client and the gateway hold out is for hours, not for here.</summary>
public sealed class SoakTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_soak_of_a_moment_loses_nothing_unsaid_and_passes()
    {
        using var result = await RunAsync("--duration", "4s", "--rate", "500", "--sessions", "2");

        var figures = result.RootElement;
        figures.GetProperty("records").GetInt64().ShouldBePositive();
        figures.GetProperty("volume_growth").GetInt64().ShouldBe(figures.GetProperty("delivered_volume").GetInt64() + figures.GetProperty("missed_volume").GetInt64());
        figures.GetProperty("faults").EnumerateObject().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_soak_of_the_gateway_of_a_moment_gives_everything_back_and_passes()
    {
        if (!TestRun.IsFull)
            return; // The moment is half a minute, with what it takes to start and to come to rest.
        using var result = await RunAsync("gateway", "--duration", "10s", "--consumers", "30");

        var figures = result.RootElement;
        figures.GetProperty("recorded").GetProperty("frames").GetInt64().ShouldBePositive();
        figures.GetProperty("collected").GetProperty("streamsOpened").GetInt64().ShouldBePositive();
        figures.GetProperty("collected").GetProperty("connectionsAccepted").GetInt64().ShouldBePositive();
        figures.GetProperty("faults").EnumerateObject().ShouldNotBeEmpty();
    }

    private static async Task<JsonDocument> RunAsync(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "KisFeed.Soak.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments, "--json"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var timeout = new CancellationTokenSource(s_patience);
        using var process = Process.Start(start).ShouldNotBeNull();
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            process.ExitCode.ShouldBe(0, await error + output);
            var result = JsonDocument.Parse(output);
            result.RootElement.GetProperty("passed").GetBoolean().ShouldBeTrue();
            return result;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
