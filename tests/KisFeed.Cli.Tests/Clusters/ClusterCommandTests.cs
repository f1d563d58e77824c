using KisFeed.Cli.Tests.Loading;

namespace KisFeed.Cli.Tests.Clusters;

/// <summary><c>kisfeed cluster</c>, and the options that make a gateway a member of a cluster.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Postgres))]
public sealed class ClusterCommandTests(Postgres postgres)
{
    private const string Lease = """
        SELECT is_held FROM {0}.request_lease('a1b2c3', 'Production', 'ingest-1', 1, 0, '1 minute', 0);
        SELECT {0}.report_lag('ingest-1', '30 seconds');
        SELECT {0}.sync_edge('edge-1', 1, true, ARRAY['Production'], ARRAY['H0UPCNT0'], ARRAY['0001'], ARRAY[]::text[], ARRAY[]::text[],
            ARRAY[]::text[], '1 minute');
        """;

    private static int s_schemas;

    private readonly string _schema = $"cluster{Interlocked.Increment(ref s_schemas)}";

    [Fact]
    public async Task Setup_creates_the_tables_and_gives_rights_and_may_be_repeated()
    {
        await postgres.Server.QueryAsync($"CREATE ROLE {_schema}_gateway; CREATE ROLE {_schema}_monitor");
        for (var i = 0; i < 2; i++)
        {
            var run = await RunAsync("setup", "--gateways", $"{_schema}_gateway", "--monitors", $"{_schema}_monitor");

            run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
            run.Error.ShouldBe($"kisfeed: the schema {_schema} of kisfeed on {postgres.Server.Host} is up to date\n");
        }

        (await postgres.Server.QueryAsync($"SELECT has_table_privilege('{_schema}_monitor', '{_schema}.lease', 'SELECT'), "
            + $"has_function_privilege('{_schema}_monitor', '{_schema}.report_lag(text, interval)', 'EXECUTE'), "
            + $"has_function_privilege('{_schema}_gateway', '{_schema}.report_lag(text, interval)', 'EXECUTE')"))
            .ShouldBe(["t|f|t"]);
    }

    [Fact]
    public async Task A_cluster_that_nobody_has_joined_is_not_healthy()
    {
        await RunAsync("setup");

        var run = await RunAsync("status");

        run.ExitCode.ShouldBe(ExitCode.Unhealthy, run.Error);
        run.Output.ShouldBe("0 nodes\n\n0 app keys\n\n0 keys\n\nProblems\n  no ingest has ever held an app key\n");
    }

    [Fact]
    public async Task The_status_shows_nodes_app_keys_keys_and_what_is_wrong()
    {
        await RunAsync("setup");
        await postgres.Server.QueryAsync(Lease.Replace("{0}", _schema, StringComparison.Ordinal));

        var text = await RunAsync("status");
        var json = await RunAsync("status", "--json");

        text.ExitCode.ShouldBe(ExitCode.Unhealthy, text.Error);
        text.Output.ShouldMatch("(?m)^  edge-1 +edge +1 *$");
        text.Output.ShouldMatch("(?m)^  ingest-1 +ingest +1 +30.0 s$");
        text.Output.ShouldMatch("(?m)^  a1b2c3 +production +ingest-1 +1 +0 +0 +0 +0 +[0-9.]+ s$");
        text.Output.ShouldMatch("(?m)^  H0UPCNT0 +0001 +free +0 +1$");
        text.Output.ShouldEndWith("Problems\n  1 wanted key is not registered\n  ingest-1 is 30.0 s behind\n");
        var status = JsonSerializer.Deserialize<JsonElement>(json.Output);
        status.GetProperty("isHealthy").GetBoolean().ShouldBeFalse();
        status.GetProperty("problems").GetArrayLength().ShouldBe(2);
        status.GetProperty("nodes")[1].GetProperty("lagSeconds").GetDouble().ShouldBe(30);
        status.GetProperty("leases")[0].GetProperty("isHeld").GetBoolean().ShouldBeTrue();
        status.GetProperty("keys")[0].GetProperty("state").GetString().ShouldBe("free");
    }

    [Fact]
    public async Task A_schema_that_does_not_exist_is_explained()
    {
        var run = await RunAsync("status");

        run.ShouldFail(ExitCode.ConnectionLost, "create or update the schema");
        run.Error.ShouldContain("kisfeed cluster setup");
    }

    [Theory]
    [InlineData(
        "--coordination needs --sink amqp://… for an ingest, or --upstream amqp://… for an edge.",
        "--simulate",
        "--coordination",
        "postgres://h/d")]
    [InlineData("--lease-ttl needs --coordination.", "--simulate", "--lease-ttl", "5s")]
    [InlineData(
        "--coordination-env is for an edge: an ingest has the service of its session.", "--record", "r", "--sink", "amqp://h",
        "--coordination", "postgres://h/d", "--coordination-env", "mock")]
    [InlineData(
        "--coordination-outage is for an ingest: an edge has no session.", "--upstream", "amqp://h", "--coordination", "postgres://h/d",
        "--coordination-outage", "stand-down")]
    public async Task Options_that_do_not_fit_are_refused(string problem, params string[] arguments)
    {
        (await CommandRun.OfAsync(["gateway", .. arguments])).ShouldFail(ExitCode.Usage, problem);
    }

    [Theory]
    [InlineData]
    [InlineData("--check")]
    public async Task An_ingest_keeps_order_notices_only(params string[] check)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-keep-");
        var run = await CommandRun.OfAsync(
        [
            "gateway", "--simulate", "--port", "0", "--record", folder.FullName, "--sink", "amqp://127.0.0.1", "--coordination",
            postgres.Address, "--keep", "index:0001", .. check,
        ]);
        folder.Delete(recursive: true);

        run.ShouldFail(ExitCode.Usage, "--keep H0UPCNT0:0001: the cluster decides which ingest registers a key");
    }

    private Task<CommandRun> RunAsync(string command, params string[] arguments) =>
        CommandRun.WithVariablesAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { [CoordinationCommandOptions.AddressVariable] = postgres.Address },
            ["cluster", command, "--schema", _schema, .. arguments]);
}
