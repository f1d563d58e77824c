namespace KisFeed.Testing;

/// <summary>A temporary PostgreSQL server, reached through a socket in its folder. It ends with the test or its process.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The name of the user and of the database.</summary>
    public const string Name = "kisfeed";

    private const string Ready = "database system is ready to accept connections";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    // The server must not outlive the process, so it ends when its input is closed.
    private const string Serve = """
        "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c log_min_messages=warning -c timezone=Asia/Seoul &
        read -r _
        kill -INT $!
        wait
        """;

    private static readonly ProcessOptions s_options = new()
    {
        WorkingDirectory = "/",
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C", ["PGCLIENTENCODING"] = "UTF8", ["PGTZ"] = "Asia/Seoul" },
    };

    private readonly DirectoryInfo _folder;
    private readonly RunningProcess _process;

    private PostgresServer(DirectoryInfo folder, RunningProcess process)
    {
        _folder = folder;
        _process = process;
    }

    /// <summary>The folder of the socket, which clients accept as a host.</summary>
    public string Host => _folder.FullName;

    private static string Binaries =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
            .Select(version => Path.Combine(version, "bin"))
            .LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        ?? throw new InvalidOperationException("PostgreSQL is missing: install the package postgresql (Debian), or run test.sh as root, which installs it.");

    public static async Task<PostgresServer> StartAsync()
    {
        var binaries = Binaries;
        var folder = Directory.CreateTempSubdirectory("kisfeed-pg-");
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", ["postgres", folder.FullName]);
        await RunAsync(AsUser([Path.Combine(binaries, "initdb"), "-D", Path.Combine(folder.FullName, "data"), "-A", "trust", "-U", Name, "-E", "UTF8", "--locale=C", "--no-sync"]));

        var command = AsUser(["bash", "-c", Serve, "bash", binaries, folder.FullName]);
        var server = new PostgresServer(folder, ProcessRunner.Start(command[0], command[1..], s_options with { Name = "PostgreSQL" }));
        try
        {
            await server._process.WaitForTextAsync(Ready, s_limit);
            await RunAsync("psql", ["-h", folder.FullName, "-U", Name, "-d", "postgres", "-qc", $"CREATE DATABASE {Name}"]);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs SQL or other input of psql; the first error ends it.</summary>
    /// <returns>The rows without a header, with columns separated by <c>|</c>.</returns>
    public Task<string[]> QueryAsync(string sql) => RunAsync("psql", ["-h", Host, "-U", Name, "-d", Name, "-qAtX", "-v", "ON_ERROR_STOP=1"], sql);

    public async ValueTask DisposeAsync()
    {
        await using (_process)
        {
            _process.Input.Close();
            await _process.WaitForExitAsync(s_limit);
        }

        _folder.Delete(recursive: true);
    }

    // PostgreSQL refuses to run as root, so it runs as the user that its package created.
    private static string[] AsUser(string[] command) => Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private static Task<string[]> RunAsync(string[] command) => RunAsync(command[0], command[1..]);

    private static async Task<string[]> RunAsync(string program, string[] arguments, string input = "") =>
        (await ProcessRunner.RunAsync(program, arguments, s_limit, s_options, input)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
