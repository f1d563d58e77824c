using System.Text.Json;
using KisFeed.TestSupport;

namespace KisFeed.Soak.Tests;

/// <summary>Runs the soak for a few seconds. Its real runs take hours.</summary>
public sealed class SoakTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_short_soak_reports_every_loss_and_passes()
    {
        using var result = await RunAsync("--duration", "4s", "--rate", "500", "--sessions", "2");

        var figures = result.RootElement;
        figures.GetProperty("records").GetInt64().ShouldBePositive();
        figures.GetProperty("volume_growth").GetInt64()
            .ShouldBe(figures.GetProperty("delivered_volume").GetInt64() + figures.GetProperty("missed_volume").GetInt64());
        figures.GetProperty("faults").EnumerateObject().ShouldNotBeEmpty();
    }

    /// <summary>Takes half a minute with start and recovery.</summary>
    [Fact]
    public async Task A_short_soak_of_the_gateway_releases_everything_and_passes()
    {
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
        await using var process = ProcessRunner.Start("dotnet", ["exec", program, .. arguments, "--json"]);
        (await process.WaitForExitAsync(s_timeout)).ShouldBe(0, process.Errors + process.Output);
        var result = JsonDocument.Parse(process.Output);
        result.RootElement.GetProperty("passed").GetBoolean().ShouldBeTrue();
        return result;
    }
}
