using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

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

    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private PostgresServer(DirectoryInfo folder, Process process)
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

        var process = Process.Start(CreateStartInfo(AsUser(["bash", "-c", Serve, "bash", binaries, folder.FullName])))!;
        var server = new PostgresServer(folder, process);
        try
        {
            await server.WaitUntilReadyAsync();
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
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_limit);
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task WaitUntilReadyAsync()
    {
        var log = new ConcurrentQueue<string>();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, e) =>
        {
            log.Enqueue(e.Data ?? "(ended)");
            if (e.Data is null)
                ready.TrySetException(new InvalidOperationException($"PostgreSQL did not start: {string.Join('\n', log)}"));
            else if (e.Data.Contains(Ready, StringComparison.Ordinal))
                ready.TrySetResult();
        };
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(s_limit);
    }

    // PostgreSQL refuses to run as root, so it runs as the user that its package created.
    private static string[] AsUser(string[] command) => Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private static Task<string[]> RunAsync(string[] command) => RunAsync(command[0], command[1..]);

    private static async Task<string[]> RunAsync(string program, string[] arguments, string input = "")
    {
        using var process = Process.Start(CreateStartInfo([program, .. arguments]))!;
        using var limit = new CancellationTokenSource(s_limit);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {await errors}");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static ProcessStartInfo CreateStartInfo(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["PGCLIENTENCODING"] = "UTF8";
        start.Environment["PGTZ"] = "Asia/Seoul";
        return start;
    }
}
