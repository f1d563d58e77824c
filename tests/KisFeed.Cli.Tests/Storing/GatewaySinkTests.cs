using KisFeed.Capture;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Storing;

/// <summary>A gateway that records and stores its recording, while the database comes and goes.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class GatewaySinkTests : IDisposable
{
    private static readonly HttpClient s_web = new();

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_recording_is_stored_when_a_database_that_was_absent_appears()
    {
        await using var service = await Service.StartAsync(port: 0, rate: 200);
        await using var postgres = await PostgresServer.StartAsync();
        await postgres.QueryAsync(
            $"CREATE ROLE desk LOGIN PASSWORD 'p4ssw0rd' IN ROLE {PostgresServer.PasswordRole}; GRANT CREATE ON DATABASE kisfeed TO desk");
        await postgres.KillAsync();
        var variables = service.Variables;
        variables[DatabaseOptions.PasswordVariable] = "p4ssw0rd";
        variables[DatabaseOptions.AddressVariable] = $"postgres://desk@/kisfeed?host={postgres.Host}";
        await using var gateway = RunningCommand.Start(
            variables, "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--keep", "index:0001,program:005930",
            "--record", _folder.Path, "--sink");
        await gateway.WaitForOutputAsync(output => output.Contains('\n', StringComparison.Ordinal));
        var address = JsonSerializer.Deserialize<JsonElement>(gateway.Output);
        var web = address.GetProperty("rest").GetString()!;

        // Consumers get data, and the gateway is ready, without the database.
        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(address.GetProperty("websocket").GetString()!), "watch", "index:0001", "--count", "20", "--format",
            "json");
        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        await Patience.UntilAsync(async () => await SinkOfAsync(web) is var sink
            && !sink.GetProperty("isStoring").GetBoolean()
            && sink.GetProperty("problemSince").ValueKind == JsonValueKind.String);
        (await s_web.GetStringAsync(new Uri($"{web}/readyz")))
            .ShouldBe("ready\nthe sink of the recording is not storing: /v1/status has details\n");
        (await s_web.GetStringAsync(new Uri($"{web}/metrics"))).ShouldContain("\nkisfeed_sink_trouble 1\n");
        (await SinkOfAsync(web)).GetProperty("problem").GetString().ShouldBe("the database cannot be reached");

        await postgres.RestartAsync();
        await Patience.UntilAsync(async () => await SinkOfAsync(web) is var sink
            && sink.GetProperty("isStoring").GetBoolean()
            && sink.GetProperty("records").GetInt64() > 20);
        (await s_web.GetStringAsync(new Uri($"{web}/readyz"))).ShouldBe("ready\n");
        var metrics = await s_web.GetStringAsync(new Uri($"{web}/metrics"));
        metrics.ShouldContain("\nkisfeed_sink_trouble 0\n");
        metrics.ShouldContain("\nkisfeed_sink_lag_bytes ");
        metrics.ShouldContain("kisfeed_sink_lag_time_seconds{");
        (await SinkOfAsync(web)).GetProperty("problem").ValueKind.ShouldBe(JsonValueKind.Null);
        var run = await gateway.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("the database cannot be reached");
        (run.Output + run.Error).ShouldNotContain("p4ssw0rd");
        (await CommandRun.WithVariablesAsync(variables, "sink", _folder.Path, "--once")).ExitCode.ShouldBe(ExitCode.Success);
        (await postgres.QueryAsync("SELECT (SELECT count(*) FROM kisfeed.index_trade) + (SELECT count(*) FROM kisfeed.program_trade)"))
            .ShouldBe([(await CountRecordsAsync()).ToString(CultureInfo.InvariantCulture)]);
    }

    [Fact]
    public async Task A_wrong_password_ends_the_sink_but_not_the_gateway()
    {
        await using var service = await Service.StartAsync(port: 0, rate: 200);
        await using var postgres = await PostgresServer.StartAsync();
        await postgres.QueryAsync($"CREATE ROLE desk LOGIN PASSWORD 'p4ssw0rd' IN ROLE {PostgresServer.PasswordRole}");
        var variables = service.Variables;
        variables[DatabaseOptions.PasswordVariable] = "wr0ng";
        await using var gateway = RunningCommand.Start(
            variables, "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--keep", "index:0001", "--record",
            _folder.Path, "--sink", $"postgres://desk@/kisfeed?host={postgres.Host}", "--sink-schema", "own");
        await gateway.WaitForErrorAsync("Storing in own ended: PostgreSQL reports 28P01: password authentication failed for user \"desk\"");
        await gateway.WaitForOutputAsync(output => output.Contains('\n', StringComparison.Ordinal));
        var address = JsonSerializer.Deserialize<JsonElement>(gateway.Output);

        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(address.GetProperty("websocket").GetString()!), "watch", "index:0001", "--count", "20", "--format",
            "json");
        var sink = await SinkOfAsync(address.GetProperty("rest").GetString()!);
        sink.GetProperty("isStoring").GetBoolean().ShouldBeFalse();
        sink.GetProperty("problem").GetString().ShouldBe("the database refuses the user or the password (28P01)");
        var run = await gateway.InterruptAsync();

        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        (run.Output + run.Error).ShouldNotContain("wr0ng");
    }

    private static async Task<JsonElement> SinkOfAsync(string web) =>
        JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(new Uri($"{web}/v1/status"))).GetProperty("sink");

    private async Task<long> CountRecordsAsync()
    {
        var records = 0L;
        await foreach (var frame in CaptureReader.Open(_folder.Path).ReadFramesAsync())
            records += int.Parse(System.Text.Encoding.UTF8.GetString(frame.Bytes.Span).Split('|')[2], CultureInfo.InvariantCulture);
        return records;
    }
}
