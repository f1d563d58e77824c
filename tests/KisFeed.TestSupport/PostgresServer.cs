using System.Globalization;

namespace KisFeed.TestSupport;

/// <summary>A temporary PostgreSQL server, reached through a socket in its folder. It ends with the test or its process.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The name of the user and of the database.</summary>
    public const string Name = "kisfeed";

    /// <summary>A role whose members need a password. Others need none.</summary>
    public const string PasswordRole = "with_password";

    // A standby accepts "read-only connections".
    private const string Ready = "database system is ready to accept ";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    // The server must not outlive the process, so it ends when its input is closed.
    private const string Serve = """
        "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c log_min_messages=warning -c timezone=Asia/Seoul "${@:3}" &
        read -r _
        kill -INT $!
        wait
        """;

    private static readonly ProcessOptions s_options = new()
    {
        WorkingDirectory = "/",
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LC_ALL"] = "C",
            ["PGCLIENTENCODING"] = "UTF8",
            ["PGTZ"] = "Asia/Seoul",
        },
    };

    private readonly DirectoryInfo _folder;
    private readonly string[] _settings;
    private RunningProcess? _process;

    private PostgresServer(DirectoryInfo folder, string[] settings)
    {
        _folder = folder;
        _settings = settings;
    }

    /// <summary>The folder of the socket, which clients accept as a host.</summary>
    public string Host => _folder.FullName;

    /// <summary>The process of the server, which starts one for each connection.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string Data => Path.Combine(_folder.FullName, "data");

    private static string Binaries =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
            .Select(version => Path.Combine(version, "bin"))
            .LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        ?? throw new InvalidOperationException(
            "PostgreSQL is missing: install the package postgresql (Debian), or run eng/setup.sh as root.");

    /// <summary>Starts a server without <c>fsync</c>, which tests and benchmarks do not need.</summary>
    /// <param name="settings">Other settings, e.g. <c>max_wal_size=4GB</c>.</param>
    public static Task<PostgresServer> StartAsync(params IEnumerable<string> settings) =>
        CreateAsync([.. settings.SelectMany(setting => (string[])["-c", setting])], async server =>
        {
            await RunAsync(AsUser(
                [Path.Combine(Binaries, "initdb"), "-D", server.Data, "-A", "trust", "-U", Name, "-E", "UTF8", "--locale=C", "--no-sync"]));
            var rules = Path.Combine(server.Data, "pg_hba.conf");
            await File.WriteAllTextAsync(rules, $"local all +{PasswordRole} scram-sha-256\n{await File.ReadAllTextAsync(rules)}");
            await server.RestartAsync();
            await PsqlAsync(
                ["-h", server.Host, "-U", Name, "-d", "postgres", "-qc", $"CREATE DATABASE {Name}", "-c", $"CREATE ROLE {PasswordRole}"]);
        });

    /// <summary>Starts a standby of this server, which confirms each commit from then on.</summary>
    public async Task<PostgresServer> StartStandbyAsync()
    {
        var standby = await CreateAsync(_settings, async server =>
        {
            await RunAsync(AsUser(
                [
                    Path.Combine(Binaries, "pg_basebackup"), "-h", Host, "-U", Name, "-D", server.Data, "-R", "-X", "stream", "-c", "fast",
                    "--no-sync",
                ]));
            await server.RestartAsync();
        });
        await QueryAsync("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()");
        // A transaction sees the connections of its first look until it clears that.
        await QueryAsync("DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync') "
            + "LOOP PERFORM pg_sleep(0.02), pg_stat_clear_snapshot(); END LOOP; END $$");
        return standby;
    }

    /// <summary>Promotes a standby. It accepts writes, and its commits wait for no other server.</summary>
    public Task PromoteAsync() => QueryAsync("SELECT pg_promote()");

    /// <summary>Starts the server again after <see cref="KillAsync"/>.</summary>
    public async Task RestartAsync()
    {
        var command = AsUser(["bash", "-c", Serve, "bash", Binaries, _folder.FullName, .. _settings]);
        _process = ProcessRunner.Start(command[0], command[1..], s_options with { Name = "PostgreSQL" });
        await _process.WaitForTextAsync(Ready, s_limit);
    }

    /// <summary>Kills all processes of the server (SIGKILL), as a loss of power does.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await EndAsync();
    }

    /// <summary>
    /// Stops all processes of the server (SIGSTOP) until <see cref="ContinueAsync"/>: it accepts connections, and answers nothing.
    /// </summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Continues after <see cref="FreezeAsync"/>.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Runs SQL or other input of psql; the first error ends it.</summary>
    /// <returns>The rows without a header, with columns separated by <c>|</c>.</returns>
    public Task<string[]> QueryAsync(string sql) => PsqlAsync(["-h", Host, "-U", Name, "-d", Name, "-qAtX", "-v", "ON_ERROR_STOP=1"], sql);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<PostgresServer> CreateAsync(string[] settings, Func<PostgresServer, Task> start)
    {
        var server = new PostgresServer(Directory.CreateTempSubdirectory("kisfeed-pg-"), settings);
        try
        {
            if (Environment.IsPrivilegedProcess)
                await RunAsync("chown", ["postgres", server.Host]);
            await start(server);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private Task<string[]> SignalAsync(string signal) => RunAsync(
        "bash",
        [
            "-c", """pid=$(head -1 "$2"); kill "-$1" "$pid" $(ps -o pid= --ppid "$pid")""", "bash", signal,
            Path.Combine(Data, "postmaster.pid"),
        ]);

    private async Task EndAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        await using (process)
        {
            process.Input.Close();
            await process.WaitForExitAsync(s_limit);
        }
    }

    // PostgreSQL refuses to run as root, so it runs as the user that its package created.
    private static string[] AsUser(string[] command) =>
        Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;

    // Not the one in the path: Debian's is a script that looks for servers first, and takes longer than most statements.
    private static Task<string[]> PsqlAsync(string[] arguments, string input = "") =>
        RunAsync(Path.Combine(Binaries, "psql"), arguments, input);

    private static Task<string[]> RunAsync(string[] command) => RunAsync(command[0], command[1..]);

    private static async Task<string[]> RunAsync(string program, string[] arguments, string input = "") =>
        (await ProcessRunner.RunAsync(program, arguments, s_limit, s_options, input)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
