namespace KisFeed.Cli.Tests.Documents;

/// <summary>
/// Runs the commands of a page like a reader: in an empty home folder, without settings. A server runs until another command needs its
/// port. Only shared resources are replaced: the ports and <c>/data</c>. The projects of <c>dotnet run</c> are already built.
/// </summary>
internal sealed class PageShell : IAsyncDisposable
{
    // A page may start a second server, such as a simulator behind a gateway.
    private const string OtherPort = "21001";
    private const int Interrupted = 130;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    // Server commands use the port of this run unless the page names one.
    private const string Command = """
        #!/bin/bash
        case "$1 ${2:-}" in
          "gateway token") ;;
          gateway\ *|demo\ *|simulate\ *|replay\ *)
            [[ " $* " == *" --port "* || " $* " == *" --stdout "* ]] || set -- "$@" --port "$KISFEED_TEST_PORT" ;;
        esac
        exec $KISFEED_TEST_COMMAND "$@"
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kisfeed-page-");
    private readonly Dictionary<string, string> _variables;
    private readonly PostgresServer? _postgres;
    private readonly Dictionary<string, ReservedPort> _ports;
    private readonly Dictionary<string, RunningProcess> _servers = new(StringComparer.Ordinal);

    private PageShell(PostgresServer? postgres)
    {
        _postgres = postgres;
        _ports = new Dictionary<string, ReservedPort>(StringComparer.Ordinal)
        {
            [DocumentedCommand.DefaultPort] = ReservedPort.Take(),
            [OtherPort] = ReservedPort.Take(),
        };
        _variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{Folder("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = Folder("home"),
            ["LANG"] = "C.UTF-8",
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_TieredPGO"] = "0",
            ["PYTHONDONTWRITEBYTECODE"] = "1",
            ["PYTHONUNBUFFERED"] = "1",
            ["PGHOST"] = postgres?.Host ?? "",
            ["PGUSER"] = PostgresServer.Name,
            ["KISFEED_TEST_PORT"] = TextOf(_ports[DocumentedCommand.DefaultPort]),
            ["KISFEED_TEST_COMMAND"] = string.Join(' ', ProcessRunner.KisFeed),
        };
    }

    private string WorkFolder => Folder("work");

    public static async Task<PageShell> StartAsync(CapturedMorning day, bool needsPostgres)
    {
        var shell = new PageShell(needsPostgres ? await PostgresServer.StartAsync() : null);
        try
        {
            await shell.PrepareAsync(day);
            return shell;
        }
        catch
        {
            await shell.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the commands of a block in order.</summary>
    public async Task RunAsync(CodeBlock block)
    {
        if (block.FileName is { } name)
            await File.WriteAllTextAsync(Path.Combine(WorkFolder, name), block.Text);
        foreach (var command in block.Preparations)
            await RunAsync(block.Place, new DocumentedCommand(command, []), 0, _variables);
        var variables = new Dictionary<string, string>(_variables, StringComparer.Ordinal);
        foreach (var (variable, value) in block.Variables)
            variables[variable] = Localize(value);
        foreach (var command in block.Commands.Where(
            command => !block.Exceptions.Any(start => command.Text.StartsWith(start, StringComparison.Ordinal))))
        {
            await RunAsync(block.Place, command, block.ExitCode, variables);
        }
    }

    /// <summary>Stops the servers that the page has started, like Ctrl-C.</summary>
    public async Task StopServersAsync()
    {
        foreach (var port in _servers.Keys.ToArray())
            await StopServerAsync(port);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _servers.Values)
            await process.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        foreach (var port in _ports.Values)
            port.Dispose();
        _root.Delete(recursive: true);
    }

    private static async Task InterruptAsync(RunningProcess process)
    {
        await process.SignalAsync("INT");
        (await process.WaitForExitAsync(s_limit)).ShouldBeOneOf([0, Interrupted], process.Report);
    }

    private static string TextOf(ReservedPort port) => port.Number.ToString(CultureInfo.InvariantCulture);

    private async Task PrepareAsync(CapturedMorning day)
    {
        var command = Path.Combine(Folder("bin"), "kisfeed");
        await File.WriteAllTextAsync(command, Command);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        if (await InteropClient.PythonAsync() is var python && Path.IsPathRooted(python))
            File.CreateSymbolicLink(Path.Combine(Folder("bin"), "python3"), python);
        Directory.CreateDirectory(WorkFolder);
        foreach (var folder in (string[])["tests", "samples"])
            File.CreateSymbolicLink(Path.Combine(WorkFolder, folder), Path.Combine(RepositoryRoot.Path, folder));
        foreach (var folder in (string[])[WorkFolder, Folder("data")])
            day.CopyTo(Path.Combine(folder, "capture"));
        if (_postgres is not null)
            await _postgres.QueryAsync("CREATE DATABASE market;");
    }

    private async Task RunAsync(string place, DocumentedCommand command, int exitCode, IReadOnlyDictionary<string, string> variables)
    {
        if (command.Port is { } port)
            await StopServerAsync(port);
        var options = new ProcessOptions
        {
            Name = $"{place}: {command.Text}",
            Environment = variables,
            HasCleanEnvironment = true,
            WorkingDirectory = WorkFolder,
        };
        var process = ProcessRunner.Start("/bin/bash", ["-o", "pipefail", "-c", Localize(command.Text)], options);
        process.Input.Close();
        if (command.StaysInBackground)
        {
            _servers.Add(command.Port!, process);
            await process.WaitForTextAsync($"127.0.0.1:{Localize(command.Port!)}", s_limit);
            return;
        }

        await using (process)
        {
            if (command.IsEndless && exitCode == 0)
            {
                foreach (var text in command.WritesFiles ? ["\n"] : command.Expected)
                    await process.WaitForTextAsync(text, s_limit);
                if (command is { WritesFiles: false, Expected.Count: 0 })
                    await process.ReadLineAsync(s_limit);
                await InterruptAsync(process);
                return;
            }

            (await process.WaitForExitAsync(s_limit)).ShouldBe(exitCode, process.Report);
            foreach (var text in command.Expected)
            {
                (process.Output + process.Errors).Contains(text, StringComparison.Ordinal)
                    .ShouldBeTrue($"{text} is missing: {process.Report}");
            }
        }
    }

    private async Task StopServerAsync(string port)
    {
        if (!_servers.Remove(port, out var server))
            return;
        await using (server)
            await InterruptAsync(server);
    }

    private string Localize(string command) => command
        .Replace("dotnet run --project samples/Kospi --", $"dotnet exec {Built("Kospi")}", StringComparison.Ordinal)
        .Replace("dotnet run --project samples/Tour --", $"dotnet exec {Built("Tour")}", StringComparison.Ordinal)
        .Replace(DocumentedCommand.DefaultPort, TextOf(_ports[DocumentedCommand.DefaultPort]), StringComparison.Ordinal)
        .Replace(OtherPort, TextOf(_ports[OtherPort]), StringComparison.Ordinal)
        .Replace(" /data/", $" {Folder("data")}/", StringComparison.Ordinal);

    private static string Built(string project) =>
        Path.Combine(RepositoryRoot.Path, "artifacts", "bin", project, "release", $"{project}.dll");

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root.FullName, name)).FullName;
}
