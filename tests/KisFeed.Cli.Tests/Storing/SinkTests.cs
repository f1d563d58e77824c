using KisFeed.Capture.Tests;
using KisFeed.Cli.Tests.Loading;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Storing;

[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Postgres))]
public sealed class SinkTests(Postgres postgres) : IDisposable
{
    private const string Password = "p4ss;w=\"1 z";

    private static int s_schemas;

    private readonly CaptureFolder _folder = new();
    private readonly string _schema = $"cmd{Interlocked.Increment(ref s_schemas)}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_back_fill_stores_everything_and_ends()
    {
        Write(0, 1000);

        var run = await StoreAsync("--once");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldBe($"kisfeed: storing {_folder.Path} in {_schema} of kisfeed on {postgres.Server.Host}\n");
        run.Output.ShouldBe($"stored 1,000 records in {_schema} of kisfeed on {postgres.Server.Host}\n");
        await ShouldHaveAsync(1000);
    }

    [Fact]
    public async Task A_second_back_fill_continues_where_the_first_ended()
    {
        Write(0, 100);
        await StoreAsync("--once");
        Write(100, 50);

        var run = await StoreAsync("--once", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var end = run.Objects[^1];
        end.GetProperty("records").GetInt64().ShouldBe(50);
        end.GetProperty("lagBytes").GetInt64().ShouldBe(0);
        end.GetProperty("ended").GetBoolean().ShouldBeTrue();
        end.GetProperty("feeds")[0].GetProperty("records").GetInt64().ShouldBe(150);
        await ShouldHaveAsync(150);
    }

    [Fact]
    public async Task Without_once_it_follows_the_recorder_until_it_is_interrupted()
    {
        using var writer = _folder.Write();
        await using var sink = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["KISFEED_POSTGRES"] = postgres.Address }, "sink", _folder.Path,
            "--schema", _schema, "--format", "json");
        await sink.WaitForErrorAsync("storing");
        writer.Write("H0UPCNT0", Captured.Index(0), Captured.At(0));
        writer.Flush();
        await sink.WaitForOutputAsync(output => output.Contains("\"records\":1,", StringComparison.Ordinal));
        writer.Write("H0UPCNT0", Captured.Index(1), Captured.At(1));
        writer.Flush();
        await sink.WaitForOutputAsync(output => output.Contains("\"records\":2,", StringComparison.Ordinal));

        var run = await sink.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects[^1].GetProperty("ended").GetBoolean().ShouldBeTrue();
        (await postgres.QueryAsync($"SELECT count(*) FROM {_schema}.index_trade")).ShouldBe(["2"]);
    }

    [Fact]
    public async Task The_status_shows_what_is_stored()
    {
        Write(0, 20);
        using (var writer = _folder.Write())
        {
            writer.Write("H0BJCNT0", Captured.Bond(0), Captured.At(30));
            writer.Close();
        }

        await StoreAsync("--once", "--name", "office");
        var position = new FileInfo(_folder.Files.Single(file => file.Contains("H0UPCNT0", StringComparison.Ordinal))).Length;

        var text = await CommandRun.OfAsync("sink", "--status", postgres.Address, "--schema", _schema);
        var json = await CommandRun.OfAsync("sink", "--status", postgres.Address, "--schema", _schema, "--format", "json");

        text.ExitCode.ShouldBe(ExitCode.Success, text.Error);
        text.Lines[0].ShouldBe($"office in {_schema} of kisfeed on {postgres.Server.Host}: 21 records");
        text.Lines[1].ShouldMatch("^  feed +records +last record .Korea. +files +newest file +stored of it +at .Korea.$");
        text.Lines[3].ShouldMatch(@"^  H0UPCNT0 +20  2026-11-20 09:00:00 +1  2026-11-20/H0UPCNT0.*\.log\.gz +[0-9.]+ K?B  \d{4}-");
        var capture = JsonSerializer.Deserialize<JsonElement>(json.Output).GetProperty("captures")[0];
        capture.GetProperty("name").GetString().ShouldBe("office");
        capture.GetProperty("records").GetInt64().ShouldBe(21);
        capture.GetProperty("feeds")[1].GetProperty("position").GetInt64().ShouldBe(position);
        capture.GetProperty("feeds")[1].GetProperty("lastAt").GetDateTimeOffset().ShouldBe(Captured.At(19));
    }

    [Fact]
    public async Task The_status_of_a_schema_that_does_not_exist_is_empty()
    {
        var run = await CommandRun.OfAsync("sink", "--status", postgres.Address, "--schema", "nothing_here");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Output.ShouldBe($"nothing is stored in nothing_here of kisfeed on {postgres.Server.Host}\n");
    }

    [Fact]
    public async Task A_role_that_may_not_create_the_schema_needs_its_owner()
    {
        await postgres.QueryAsync($"DROP ROLE IF EXISTS {_schema}_writer; CREATE ROLE {_schema}_writer LOGIN");
        Write(0, 5);

        var run = await CommandRun.OfAsync("sink", _folder.Path, postgres.AddressFor($"{_schema}_writer"), "--schema", _schema, "--once");
        var update = await CommandRun.OfAsync("sink", "--update-schema", postgres.Address, "--schema", _schema);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldContain($"create or update the schema {_schema} as its owner with 'kisfeed sink --update-schema', "
            + "and grant this role the rights to write");
        update.ExitCode.ShouldBe(ExitCode.Success, update.Error);
        (await postgres.QueryAsync($"SELECT version FROM {_schema}.schema_version ORDER BY version")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Malformed_data_is_stored_and_reported()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", "0|H0UPCNT0|001|x^y"u8, Captured.At(0));
            writer.Write("H0UPCNT0", Captured.Index(1), Captured.At(1));
            writer.Close();
        }

        var run = await StoreAsync("--once");

        run.ExitCode.ShouldBe(ExitCode.MalformedData, run.Error);
        run.Output.ShouldContain("; 1 malformed");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_reported()
    {
        Write(0, 5);
        File.Copy(_folder.Files[0], _folder.Files[0].Replace("H0UPCNT0", "H9XXXXX0", StringComparison.Ordinal));

        var run = await StoreAsync("--once");

        run.ShouldFail(ExitCode.DataLost, "add a layout file with --layouts");
        await ShouldHaveAsync(5);
    }

    [Fact]
    public async Task A_second_sink_is_refused()
    {
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Captured.Index(0), Captured.At(0));
        writer.Flush();
        await using var first = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal), "sink", _folder.Path, postgres.Address, "--schema", _schema, "--format",
            "json");
        await first.WaitForOutputAsync(output => output.Contains("\"records\":1,", StringComparison.Ordinal));

        var second = await StoreAsync("--once");

        second.ShouldFail(ExitCode.Refused, "another sink stores the capture 'default'");
        second.Error.ShouldContain("give each its own --name");
    }

    [Theory]
    [InlineData("environment")]
    [InlineData("uri")]
    [InlineData("string")]
    [InlineData("file")]
    public async Task A_password_is_accepted_from_everywhere_and_never_shown(string source)
    {
        var role = $"{_schema}_{source}";
        await postgres.QueryAsync($"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{Password}' IN ROLE "
            + $"{PostgresServer.PasswordRole}; GRANT CREATE ON DATABASE kisfeed TO {role}");
        Write(0, 5);
        foreach (var (password, code) in ((string, int)[])[("wr0ng;w=\"1 z", ExitCode.Refused), (Password, ExitCode.Success)])
        {
            var file = _folder.Put("password", System.Text.Encoding.UTF8.GetBytes($"{password}\n"));
            SetMode(file, UnixFileMode.UserRead);
            var variables = new Dictionary<string, string>(StringComparer.Ordinal);
            if (source == "environment")
                variables[DatabaseOptions.PasswordVariable] = password;
            var address = source switch
            {
                "uri" => $"postgresql://{role}:{Uri.EscapeDataString(password)}@/kisfeed?host={Uri.EscapeDataString(postgres.Server.Host)}",
                "string" => $"Host={postgres.Server.Host};Database=kisfeed;Username={role};"
                    + $"Password=\"{password.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
                _ => postgres.AddressFor(role),
            };
            foreach (string[] arguments in (string[][])[["sink", _folder.Path, address, "--once", "--log", "trace"],
                ["sink", "--status", address]])
            {
                var run = await RunAsync(
                    variables, [.. arguments, "--schema", _schema, .. source == "file" ? (string[])["--password-file", file] : []]);

                run.ExitCode.ShouldBe(code, run.Error);
                (run.Output + run.Error).ShouldNotContain("p4ss");
                (run.Output + run.Error).ShouldNotContain("wr0ng");
                run.Error.Contains("can see the password in the list of processes", StringComparison.Ordinal)
                    .ShouldBe(source is "uri" or "string");
                if (code == ExitCode.Refused)
                    run.Error.ShouldContain($"PostgreSQL reports 28P01: password authentication failed for user \"{role}\"");
            }

            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_missing_password_is_refused_with_advice()
    {
        var role = $"{_schema}_none";
        await postgres.QueryAsync(
            $"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'x' IN ROLE {PostgresServer.PasswordRole}");

        (await CommandRun.OfAsync("sink", _folder.Path, postgres.AddressFor(role), "--once"))
            .ShouldFail(ExitCode.Refused, "set the password in KISFEED_PG_PASSWORD, --password-file or ~/.pgpass");
    }

    [Fact]
    public async Task A_password_file_that_others_can_read_is_refused()
    {
        var file = _folder.Put("password", "p4ss"u8.ToArray());
        SetMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var run = await StoreAsync("--once", "--password-file", file);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe($"kisfeed: {file} holds a secret, and every user of this machine may read it: chmod o-r {file}\n");
    }

    [Theory]
    [InlineData("sink", "a", "postgres://u:p4ss@h/d", "b")]
    [InlineData("sink", "a", "b", "postgres://u:p4ss@h/d")]
    [InlineData("snik", "a", "postgres://u:p4ss@h/d")]
    [InlineData("sink", "a", "b", "Host=h;Password=p4ss")]
    [InlineData("sink", "postgres://u:p4ss@h/d")]
    [InlineData("sink", "a", "--status", "postgres://u:p4ss@h/d")]
    [InlineData("sink", "a", "postgres://u:p4ss@h:p4ss/d")]
    [InlineData("sink", "a", "postgres://u:x?p4ss=1@h/d")]
    [InlineData("sink", "a", "postgres://u:x/p4ss@h/d/e")]
    [InlineData("sink", "a", "postgres://h/d?sslmode=p4ss")]
    [InlineData("sink", "a", "Host=h;p4ss=1")]
    [InlineData("sink", "a", "p4ss")]
    [InlineData("sink", "a", "postgres://u:p4ss@h/d", "--schema", "A B")]
    [InlineData("sink", "a", "postgres://u:p4ss@h/d", "--keep-days", "0")]
    [InlineData("sink")]
    [InlineData("sink", "a")]
    [InlineData("sink", "nothing-here", "postgres://u@h/d", "--once")]
    public async Task Wrong_usage_shows_no_password(params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Usage, run.Error);
        run.Error.ShouldNotBeEmpty();
        (run.Output + run.Error).ShouldNotContain("p4ss");
    }

    [Fact]
    public async Task An_absent_database_is_waited_for()
    {
        Write(0, 10);
        await using var server = await PostgresServer.StartAsync();
        await server.KillAsync();
        await using var sink = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal), "sink", _folder.Path, $"postgres://kisfeed@/kisfeed?host={server.Host}",
            "--once");
        await sink.WaitForErrorAsync("nothing can be stored: the database cannot be reached");
        (await CommandRun.OfAsync("sink", "--status", $"postgres://kisfeed@/kisfeed?host={server.Host}")).ExitCode
            .ShouldBe(ExitCode.ConnectionLost);

        await server.RestartAsync();
        var run = await sink.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("the problem is solved after");
        (await server.QueryAsync("SELECT count(*) FROM kisfeed.index_trade")).ShouldBe(["10"]);
    }

    private static void SetMode(string file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, mode);
    }

    private static Task<CommandRun> RunAsync(IReadOnlyDictionary<string, string> variables, string[] arguments) =>
        CommandRun.RunAsync(Stream.Null, arguments, variables);

    private Task<CommandRun> StoreAsync(params string[] more) =>
        CommandRun.OfAsync(["sink", _folder.Path, postgres.Address, "--schema", _schema, .. more]);

    private void Write(int from, int count)
    {
        using var writer = _folder.Write();
        for (var i = from; i < from + count; i++)
            writer.Write("H0UPCNT0", Captured.Index(i), Captured.At(i));
        writer.Close();
    }

    private async Task ShouldHaveAsync(int count) =>
        (await postgres.QueryAsync($"SELECT accumulated_volume FROM {_schema}.index_trade ORDER BY id"))
            .ShouldBe(Enumerable.Range(0, count).Select(i => $"{i}"));
}
