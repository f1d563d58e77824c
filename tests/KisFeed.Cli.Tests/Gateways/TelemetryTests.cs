using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>Metrics sent by OTLP to a collector.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_reach_the_configured_collector()
    {
        var (collector, bodies) = await CollectAsync();
        await using var _ = collector;
        await using var service = await Service.StartAsync();

        var run = await RunAsync(service.Variables, "--otlp", collector.Urls.Single());

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        Check(bodies);
    }

    [Fact]
    public async Task Metrics_reach_the_collector_of_the_standard_variable()
    {
        var (collector, bodies) = await CollectAsync();
        await using var _ = collector;
        await using var service = await Service.StartAsync();
        var variables = service.Variables;
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single();
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";

        // The exporter reads its settings from environment variables.
        await using var gateway = ProcessRunner.StartKisFeed(
            variables, "gateway", "--port", "0", "--format", "json", "--keep", "index:0001", "--insecure-no-tokens");
        await WatchAsync(await gateway.ReadLineAsync(Patience.Limit));
        await gateway.SignalAsync("TERM");

        (await gateway.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, gateway.Errors);
        Check(bodies);
    }

    // The exporter sends its metrics when the gateway ends.
    private static async Task<CommandRun> RunAsync(Dictionary<string, string> variables, params string[] arguments)
    {
        await using var gateway = RunningCommand.Start(
            variables, ["gateway", "--port", "0", "--format", "json", "--keep", "index:0001", .. arguments]);
        await gateway.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        await WatchAsync(gateway.Output);
        return await gateway.InterruptAsync();
    }

    private static async Task WatchAsync(string address)
    {
        var url = JsonSerializer.Deserialize<JsonElement>(address).GetProperty("websocket").GetString()!;
        (await CommandRun.WithVariablesAsync(Service.VariablesFor(url), "watch", "index:0001", "--count", "3")).ExitCode
            .ShouldBe(ExitCode.Success);
    }

    private static void Check(ConcurrentQueue<string> bodies)
    {
        var all = string.Concat(bodies);
        all.ShouldContain("kisfeed-gateway");
        all.ShouldContain("kisfeed.gateway.frames.received");
        all.ShouldContain("kisfeed.gateway.consumer.connections");
        all.ShouldContain("kisfeed.connection.established");
        foreach (var secret in (string[])[Service.AppKey, Service.AppSecret, Service.HtsId])
            all.ShouldNotContain(secret);
    }

    private static async Task<(WebApplication Collector, ConcurrentQueue<string> Bodies)> CollectAsync()
    {
        var bodies = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.MapPost("/v1/metrics", (RequestDelegate)(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            bodies.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        }));
        await collector.StartAsync();
        return (collector, bodies);
    }
}
