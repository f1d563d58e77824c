namespace KisFeed.Cli.Tests.Output;

public sealed class NextStepsTests
{
    private const int MaxLines = 15;

    [Fact]
    public async Task Without_an_app_key_simulated_data_and_init_are_proposed()
    {
        using var port = ReservedPort.Take();

        var text = await WriteAsync([], port.Number);

        text.ShouldContain("App key:  none; everything works with simulated data");
        text.ShouldContain("  kisfeed init ");
        text.ShouldContain("  kisfeed demo ");
        text.ShouldNotContain("Gateway:");
    }

    [Fact]
    public async Task With_an_app_key_live_data_are_proposed()
    {
        using var port = ReservedPort.Take();

        var text = await WriteAsync(Service.VariablesFor("ws://127.0.0.1:1"), port.Number);

        text.ShouldContain("App key:  KISFEED_APPKEY and KISFEED_APPSECRET");
        text.ShouldContain("  kisfeed doctor ");
        text.ShouldNotContain("kisfeed init");
        text.ShouldNotContain(Service.AppKey);
    }

    [Fact]
    public async Task A_gateway_that_is_running_is_proposed()
    {
        await using var gateway = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal), "gateway", "--simulate", "--port", "0", "--format", "json");
        await gateway.WaitForOutputAsync(output => output.Contains('\n'));
        var port = JsonSerializer.Deserialize<JsonElement>(gateway.Output).GetProperty("port").GetInt32();

        var text = await WriteAsync([], port);

        text.ShouldContain($"Gateway:  running, with its dashboard at http://127.0.0.1:{port}/");
        text.ShouldContain($"  kisfeed watch index:0001 --url ws://127.0.0.1:{port} ");
    }

    private static async Task<string> WriteAsync(Dictionary<string, string> variables, int port)
    {
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = Stream.Null,
            Error = TextWriter.Null,
            Variable = variables.GetValueOrDefault,
        };
        var text = await NextSteps.WriteAsync(host, new Uri($"http://127.0.0.1:{port}/"), CancellationToken.None);
        text.Split('\n').Length.ShouldBeLessThanOrEqualTo(MaxLines);
        return text;
    }
}
