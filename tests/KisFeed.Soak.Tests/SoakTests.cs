using System.Diagnostics;
using System.Text.Json;

namespace KisFeed.Soak.Tests;

/// <summary>That the soak runs, and finds nothing, for a moment. How the client holds out is for hours, not for here.</summary>
public sealed class SoakTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_soak_of_a_moment_loses_nothing_unsaid_and_passes()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "KisFeed.Soak.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--duration", "4s", "--rate", "500", "--sessions", "2", "--json"])
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

            using var result = JsonDocument.Parse(output);
            var figures = result.RootElement;
            figures.GetProperty("passed").GetBoolean().ShouldBeTrue();
            figures.GetProperty("records").GetInt64().ShouldBePositive();
            figures.GetProperty("volume_growth").GetInt64().ShouldBe(figures.GetProperty("delivered_volume").GetInt64() + figures.GetProperty("missed_volume").GetInt64());
            figures.GetProperty("faults").EnumerateObject().ShouldNotBeEmpty();
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
